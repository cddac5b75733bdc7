using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Admission;
using OrleansChat.Core.ContentLogging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.Core.Health;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Turns.Commands;
using OrleansChat.Core.Turns.Context;
using OrleansChat.Core.Turns.Streaming;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns;

/// <summary>
/// Runs an admitted turn: retrieve, build the context, stream, settle. It holds no state; all of it runs on the scheduler of the session
/// that calls it.
/// </summary>
/// <param name="router">Finds a healthy upstream.</param>
/// <param name="upstreams">The upstreams' clients.</param>
/// <param name="admission">Limits and budgets.</param>
/// <param name="retriever">Where passages come from.</param>
/// <param name="options">The settings.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="failures">Told of failed turns; null for nobody.</param>
/// <param name="fallbacks">Told when turns go on without passages; null for nobody.</param>
/// <param name="commands">Answers commands; null where there are none, so that the model is asked.</param>
/// <param name="content">Told what is asked and answered, for keys that want it logged; null for nobody.</param>
public sealed partial class TurnRunner(
    IRouter router,
    IUpstreams upstreams,
    TurnAdmission admission,
    IRetriever retriever,
    IOptions<OrleansChatOptions> options,
    TimeProvider time,
    ILogger<TurnRunner> logger,
    FailureLog? failures = null,
    Fallbacks? fallbacks = null,
    CommandAnswers? commands = null,
    ContentLog? content = null)
{
    private const string DefaultFinishReason = "stop";

    /// <summary>Runs a turn to its end.</summary>
    /// <param name="work">The turn.</param>
    /// <param name="events">Where it tells what happens.</param>
    /// <param name="stop">Stops it at once; what was used is settled all the same.</param>
    /// <returns>How it ended.</returns>
    public async Task<TurnOutcome> RunAsync(TurnWork work, ITurnEvents events, CancellationToken stop)
    {
        using var span = Spans.Start("turn");
        span?.SetTag(TelemetryNames.Turn, work.Plan.TurnId).SetTag(TelemetryNames.Session, work.Plan.SessionId).SetTag(TelemetryNames.Model, work.Plan.Model.Id);
        var subject = new ContentSubject("turn", work.Plan.TurnId, work.Plan.SessionId);
        content?.Asked(work.Plan.Caller, subject, work.Plan.Question);
        var outcome = await RunToEndAsync(work, events, stop);
        content?.Answered(work.Plan.Caller, subject, outcome.Text);
        span?.SetTag("orleanschat.turn_status", outcome.Status);
        return outcome;
    }

    private async Task<TurnOutcome> RunToEndAsync(TurnWork work, ITurnEvents events, CancellationToken stop)
    {
        if (work.Plan.Intent.IsCommand && commands is not null)
            return await AnswerAsync(commands, work, events, stop);

        var (context, found) = await PrepareAsync(work, stop);
        if (context is null)
            return new TurnOutcome { Status = TurnStatus.Cancelled };

        var outcome = await StreamAsync(work, context, events, stop);
        outcome = outcome with { Fallbacks = Fallbacks.Told([.. found.Fallbacks, .. outcome.Fallbacks ?? []]) };
        foreach (var citation in outcome.Citations)
            await events.AppendAsync(new TurnCitation(citation));

        return outcome;
    }

    /// <summary>Answers a command, which uses nothing.</summary>
    private async ValueTask<TurnOutcome> AnswerAsync(CommandAnswers answers, TurnWork work, ITurnEvents events, CancellationToken stop)
    {
        if (work.Grant is { } grant)
            await admission.ReleaseAsync(grant);

        try
        {
            var (text, found) = await answers.AnswerAsync(work.Plan, stop).AsTask().WaitAsync(stop);
            await events.AppendAsync(new TurnDelta(text));
            foreach (var passage in found.Passages)
                await events.AppendAsync(new TurnCitation(passage.Citation));

            return new TurnOutcome
            {
                Status = TurnStatus.Completed,
                Text = text,
                Citations = [.. found.Passages.Select(passage => passage.Citation)],
                Upstream = UpstreamOptions.BuiltinId,
                Fallbacks = Fallbacks.Told(found.Fallbacks),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new TurnOutcome { Status = TurnStatus.Cancelled };
        }
        catch (OrleansChatException failure)
        {
            return new TurnOutcome { Status = TurnStatus.Failed, Problem = failure.Problem };
        }
    }

    /// <summary>Builds the context; null when the turn was stopped meanwhile. Where no context comes about, the grant is taken back.</summary>
    private async ValueTask<(TurnContext? Context, Retrieval Found)> PrepareAsync(TurnWork work, CancellationToken stop)
    {
        try
        {
            var plan = work.Plan;
            var found = plan.Searches ? await RetrieveAsync(plan, stop) : Retrieval.None;
            return (await ContextBuilder.BuildAsync(ContextWindow.Of(plan.Model), plan.SystemPrompt, found.Passages, work.History, plan.Question, plan.Summary), found);
        }
        catch (Exception fault)
        {
            if (work.Grant is { } grant)
                await admission.ReleaseAsync(grant);

            if (fault is OperationCanceledException && stop.IsCancellationRequested)
                return (null, Retrieval.None);

            throw;
        }
    }

    private async ValueTask<Retrieval> RetrieveAsync(TurnPlan plan, CancellationToken stop)
    {
        using var span = Spans.Start("retrieve");
        try
        {
            var found = await retriever.RetrieveAsync(plan.Question, plan.Collections, options.Value.Sessions.Passages, plan.Payer, stop).AsTask().WaitAsync(stop);
            fallbacks?.Leave(Fallbacks.Retrieval);
            return found;
        }
        catch (Exception fault) when (!stop.IsCancellationRequested)
        {
            fallbacks?.Enter(Fallbacks.Retrieval, ErrorType.Of(fault));
            LogRetrievalFailed(plan.TurnId, fault);
            return new Retrieval([]) { Fallbacks = [Fallbacks.Retrieval] };
        }
    }

    private async ValueTask<TurnOutcome> StreamAsync(TurnWork work, TurnContext context, ITurnEvents events, CancellationToken stop)
    {
        var plan = work.Plan;
        var model = plan.Model;
        var attempt = work.Attempt;
        var grant = work.Grant;
        var usage = TokenUsage.Zero;
        var cost = 0L;
        var restarted = false;
        var used = new List<string>();
        for (; ; )
        {
            var result = await AttemptAsync(plan, model, attempt, grant, context, events, stop);
            usage = UsageCount.Add(usage, result.Usage);
            cost += result.CostNanoUsd;
            used.AddRange(result.Fallbacks);
            await ReportAsync(result);
            var next = result.MayRestart && !restarted && result.Untried.Count > 0 ? model with { Route = result.Untried } : null;
            if (next is null)
            {
                if (result.Failure is { Problem.Status: >= 500 } failure)
                    failures?.Report(failure, failure.Problem, plan.TurnId);
                return Outcome(result, context) with { Usage = usage, CostNanoUsd = cost, Fallbacks = Fallbacks.Told(used) };
            }

            LogRestarting(plan.TurnId, result.Target!.Value.Upstream, result.Failure);
            await events.RestartAsync(++attempt);
            (model, grant, restarted) = (next, null, true);
        }
    }

    private async ValueTask<AttemptResult> AttemptAsync(
        TurnPlan plan, Model model, int attempt, AdmissionGrant? grant, TurnContext context, ITurnEvents events, CancellationToken stop)
    {
        try
        {
            grant ??= await AdmitAsync(plan, attempt, events, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new AttemptResult { IsCancelled = true };
        }
        catch (OrleansChatException refusal)
        {
            return new AttemptResult { Failure = refusal };
        }

        return await new UpstreamAttempt(router, upstreams, admission, time, plan, attempt, context, events, options.Value.Sessions.MaxAnswerCharacters)
            .RunAsync(model, grant, stop);
    }

    private async ValueTask<AdmissionGrant> AdmitAsync(TurnPlan plan, int attempt, ITurnEvents events, CancellationToken stop)
    {
        var grant = await admission.AdmitLaterAsync(plan, attempt, stop);
        try
        {
            await events.ReserveAsync(ReservedAttempt.Of(attempt, grant, time.GetUtcNow()));
            return grant;
        }
        catch
        {
            await admission.ReleaseAsync(grant);
            throw;
        }
    }

    /// <summary>Tells the breaker of an upstream that broke off. It is told of the next failure as well, so a failure here is only logged.</summary>
    private async ValueTask ReportAsync(AttemptResult result)
    {
        if (result is not { BrokenAttemptId: { } attemptId, Target: { } target, Failure: UpstreamException failure })
            return;

        try
        {
            await router.ReportFailureAsync(target, attemptId, failure, CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotReported(target.Upstream, fault);
        }
    }

    private static TurnOutcome Outcome(AttemptResult result, TurnContext context) => new()
    {
        Status = result.IsCancelled ? TurnStatus.Cancelled : result.Failure is null ? TurnStatus.Completed : TurnStatus.Failed,
        Text = result.Text,
        Citations = result.Failure is null ? QuotedCitations.In(result.Text, context.Passages) : [],
        FinishReason = result.FinishReason ?? DefaultFinishReason,
        Upstream = result.Target?.Upstream,
        Problem = result.Failure?.Problem,
        LeftMessagesOut = context.Coverage is ContextCoverage.Partial,
    };

    [LoggerMessage(324, LogLevel.Warning, "Turn {Turn} goes on without passages: the search failed")]
    private partial void LogRetrievalFailed(string turn, Exception fault);

    [LoggerMessage(325, LogLevel.Warning, "Turn {Turn} begins again: upstream {Upstream} broke off")]
    private partial void LogRestarting(string turn, string upstream, Exception? fault);

    [LoggerMessage(326, LogLevel.Warning, "A failure of upstream {Upstream} could not be reported to its breaker")]
    private partial void LogNotReported(string upstream, Exception fault);
}
