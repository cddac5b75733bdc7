using Microsoft.Extensions.AI;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Turns.Context;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>
/// One admitted attempt: opened on the first healthy target, forwarded as it comes, settled exactly once. An answer that is longer than it may be is cut, and its
/// call stopped.
/// </summary>
internal sealed class UpstreamAttempt(
    IRouter router,
    IUpstreams upstreams,
    TurnAdmission admission,
    TimeProvider time,
    TurnPlan plan,
    int attempt,
    TurnContext context,
    ITurnEvents events,
    int maxCharacters)
{
    private readonly AnswerLength _length = new(maxCharacters);
    private RouteAttempt? _asked;
    private AnswerStream? _opened;

    /// <summary>Runs the attempt to its end.</summary>
    /// <param name="model">The model with the part of its route that is to be tried.</param>
    /// <param name="grant">The admission.</param>
    /// <param name="stop">Stops the upstream call at once; what it used is settled all the same.</param>
    /// <returns>How it ended; a failure of an upstream or of the caller is a result, any other is thrown.</returns>
    public async ValueTask<AttemptResult> RunAsync(Model model, AdmissionGrant grant, CancellationToken stop)
    {
        await using var renewal = LeaseRenewal.Start(admission, grant, events, time);
        await using var hedge = new TurnHedge(admission, time, plan, attempt, context.InputTokens, grant, events);
        try
        {
            var result = await OpenAndForwardAsync(model, grant, hedge, stop);
            return result with { Usage = UsageCount.Add(result.Usage, hedge.Usage), CostNanoUsd = result.CostNanoUsd + hedge.CostNanoUsd };
        }
        finally
        {
            if (_opened is not null)
                await _opened.DisposeAsync();
        }
    }

    private async ValueTask<AttemptResult> OpenAndForwardAsync(Model model, AdmissionGrant grant, TurnHedge hedge, CancellationToken stop)
    {
        RoutedCall<AnswerStream> call;
        try
        {
            var request = new RouteRequest(model, grant.Request.OperationId, grant.Request.InputTokens + grant.Request.OutputTokens)
            {
                AdmittedBy = grant.Upstream,
                IsRestart = !ReferenceEquals(model, plan.Model),
            };
            call = await router.OpenHedgedAsync(
                request, hedge, (asked, opening) => OpenAsync(asked, asked.OperationId == request.OperationId, stop, opening), stop);
            _opened = call.Value;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return await StoppedBeforeFirstTokenAsync(grant);
        }
        catch (OrleansChatException failure)
        {
            await admission.ReleaseAsync(grant);
            return new AttemptResult { Failure = failure, Target = _asked?.Target };
        }
        catch
        {
            await admission.ReleaseAsync(grant);
            throw;
        }

        var result = await ForwardAsync(call, hedge.GrantOf(call.OperationId), stop);
        await call.Losing;
        return result with { Untried = call.Untried, Fallbacks = FallbacksOf(call, grant) };
    }

    private string[] FallbacksOf(RoutedCall<AnswerStream> call, AdmissionGrant grant) =>
    [
        .. call.IsFallback ? [Fallbacks.RouteOf(plan.Model.Id)] : Array.Empty<string>(),
        .. grant.IsUncounted ? [Fallbacks.UsageStoreAllowed] : Array.Empty<string>(),
    ];

    private async ValueTask<AnswerStream> OpenAsync(RouteAttempt asked, bool isFirst, CancellationToken stop, CancellationToken opening)
    {
        var options = new ChatOptions
        {
            MaxOutputTokens = ContextWindow.Of(plan.Model).Output,
            AdditionalProperties = new AdditionalPropertiesDictionary { [Passage.PropertyName] = context.Passages, [PromptDelivery.Property] = asked.Prompt },
        };
        var client = upstreams.Chat(asked.Target);
        if (!isFirst)
            return await AnswerStream.OpenAsync(client, context.Messages, options, stop, opening);

        _asked = asked;
        try
        {
            return await AnswerStream.OpenAsync(client, context.Messages, options, stop, opening);
        }
        catch (UpstreamException)
        {
            // It gave no answer and is not charged for.
            _asked = null;
            throw;
        }
    }

    private async ValueTask<AttemptResult> StoppedBeforeFirstTokenAsync(AdmissionGrant grant)
    {
        if (_asked is not { } asked || asked.Prompt.TryWithdraw())
        {
            await admission.ReleaseAsync(grant);
            return new AttemptResult { IsCancelled = true };
        }

        // The prompt had gone out, and upstreams charge for it.
        return (await SettleAsync(grant, asked.Target, null)) with { IsCancelled = true };
    }

    private async ValueTask<AttemptResult> ForwardAsync(RoutedCall<AnswerStream> call, AdmissionGrant grant, CancellationToken stop)
    {
        var cancelled = false;
        UpstreamException? failure = null;
        try
        {
            while (!_length.IsCut && await call.Value.ReadAsync() is { } text)
            {
                if (_length.Take(text) is { Length: > 0 } added)
                    await events.AppendAsync(new TurnDelta(added));
                stop.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            cancelled = true;
        }
        catch (UpstreamException broken)
        {
            failure = broken;
        }
        catch
        {
            await SettleAsync(grant, call.Target, call.Value);
            throw;
        }

        return (await SettleAsync(grant, call.Target, call.Value)) with
        {
            IsCancelled = cancelled,
            Failure = failure,
            BrokenAttemptId = failure is null ? null : call.AttemptId,
        };
    }

    private async ValueTask<AttemptResult> SettleAsync(AdmissionGrant grant, UpstreamTarget target, AnswerStream? stream)
    {
        var text = events.ReadAnswer();
        var usage = UsageCount.Of(stream?.Usage, context.InputTokens, text);
        return new AttemptResult
        {
            Text = text,
            FinishReason = _length.IsCut ? AnswerLength.CutReason : stream?.FinishReason,
            Usage = usage,
            CostNanoUsd = await admission.SettleAsync(plan, grant, usage, target),
            Target = target,
        };
    }
}
