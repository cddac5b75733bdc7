using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.OpenAI;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Sessions;

namespace OrleansChat.GatewayApi.Calls;

/// <summary>Answers stateless calls: admit, route, forward, settle. A client that hangs up is billed for what was produced.</summary>
internal sealed class StatelessCalls(Metering metering, Settlements settlements, IRouter router, SessionAccess ids)
{
    /// <summary>Answers one call.</summary>
    /// <exception cref="OrleansChatException">It was refused, or no upstream answered it to its end.</exception>
    public async Task AnswerAsync(HttpContext context, ApiKey caller, StatelessCall call)
    {
        // Limits and budgets have nothing to remember of what they were never asked.
        if (router.FindRefusal(call.Model) is { } refusal)
            throw refusal;

        var admission = new AdmissionRequest
        {
            OperationId = ids.NewId(),
            IsNew = true,
            Key = caller,
            Model = call.Model.Id,
            InputTokens = call.MaxInputTokens,
            InputBytes = call.InputBytes,
            OutputTokens = call.MaxOutputTokens,
            Work = RequestWork.Of(context),
        };
        var grant = await metering.AdmitAsync(context, admission);
        await using (metering.Keep(grant))
        await using (var hedge = new CallHedge(metering, call, grant))
        {
            var routed = await OpenAsync(context, call, grant, hedge);
            try
            {
                await using (routed.Value)
                    await ForwardAsync(context, call, routed, hedge.GrantOf(routed.OperationId));
            }
            finally
            {
                await routed.Losing;
            }
        }
    }

    private async ValueTask<RoutedCall<ICompletion>> OpenAsync(HttpContext context, StatelessCall call, AdmissionGrant grant, CallHedge hedge)
    {
        RouteAttempt? asked = null;
        var work = RequestWork.Of(context);
        work?.Pause();
        try
        {
            var route = new RouteRequest(Hedged(call), grant.Request.OperationId, grant.Request.InputTokens + grant.Request.OutputTokens)
            {
                AdmittedBy = grant.Upstream,
            };
            return await router.OpenHedgedAsync(
                route,
                hedge,
                (attempt, opening) => attempt.OperationId == route.OperationId
                    ? AskAsync(attempt, opening)
                    : call.Open(attempt, context.RequestAborted, opening),
                context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested && asked?.Prompt.TryWithdraw() is false)
        {
            // The prompt had gone out, and upstreams charge for it.
            await metering.SettleAsync(grant, new TokenUsage(call.CountInput(), 0, Estimated: true), asked.Target);
            throw;
        }
        catch
        {
            await metering.ReleaseAsync(grant);
            throw;
        }
        finally
        {
            End(work, call);
        }

        async ValueTask<ICompletion> AskAsync(RouteAttempt attempt, CancellationToken opening)
        {
            asked = attempt;
            try
            {
                return await call.Open(attempt, context.RequestAborted, opening);
            }
            catch (UpstreamException)
            {
                // It gave no answer and is not charged for.
                asked = null;
                throw;
            }
        }
    }

    /// <summary>The wait for the upstream is over: a whole answer is still to be passed on, and a stream is no work but one more wait.</summary>
    private static void End(RequestWork? work, StatelessCall call)
    {
        if (work is null)
            return;
        work.Kind = call.WriteError is null ? WorkKind.Call : WorkKind.Stream;
        if (work.Kind is WorkKind.Stream)
            work.Leave();
        else
            work.Resume();
    }

    /// <summary>Only streams are hedged: an answer that comes in one piece has no first token to wait for, and is paid for whole.</summary>
    private static Model Hedged(StatelessCall call) => call.WriteError is null && call.Model.HedgeAfter is not null ? call.Model with { HedgeAfter = null } : call.Model;

    private async Task ForwardAsync(HttpContext context, StatelessCall call, RoutedCall<ICompletion> routed, AdmissionGrant grant)
    {
        if (routed.IsFallback)
            FallbackHeader.Add(context, Fallbacks.RouteOf(call.Model.Id));
        FallbackHeader.Add(context, routed.Value.Fallbacks);
        try
        {
            await routed.Value.WriteAsync(context);
        }
        catch (OrleansChatException failure)
        {
            // An answer that could not be kept fails too, and that is nobody's fault upstream.
            if (failure is UpstreamException broken)
                await router.ReportFailureAsync(routed.Target, routed.AttemptId, broken, CancellationToken.None);
            if (context.Response.HasStarted && call.WriteError is { } writeError)
            {
                writeError(context.Response.BodyWriter, failure.Problem);
                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            }

            // Some clients pass over the error event; the connection that is cut after it is a failure to all.
            throw;
        }
        finally
        {
            // Whoever keeps the answer waits until it is booked; the client has it, and his connection is free for his next request.
            var isAwaited = settlements.IsToBeAwaited;
            var isKept = context.Features.Get<AwaitedBooking>() is not null;
            var cost = new AnswerCost(settlements.Begin(grant, routed.Value.Usage(call.CountInput), routed.Target, isAwaited || isKept));
            context.Features.Set(cost);
            if (routed.Value.HasError)
                context.Features.Set(new BrokenAnswer(Problem.Of(ProblemCode.UpstreamError, $"Upstream '{routed.Target.Upstream}' ended its answer with an error.", "Send it again.")));
            if (isAwaited)
                await cost.NanoUsd;
        }
    }
}
