using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.Running;

/// <summary>The background work of a session's turns: runs one to its end, writes that end, shows it, tidies up.</summary>
internal sealed partial class TurnWorker(
    SessionStore store,
    SessionLife life,
    SessionSummaries summaries,
    ConversationIndexing indexing,
    IActorContext context,
    TurnPlanner planner,
    TurnAdmission admission,
    TurnRunner runner,
    RunningTurns running,
    LoggingOptions logging,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>The register of work that a dead host may leave behind.</summary>
    public IOpenTurnsActor Register => context.Actors.OpenTurns(OpenTurnShards.Of(store.Id));

    /// <summary>All work so far, to the end on record and what is tidied up after it. It never fails.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Runs an admitted turn.</summary>
    public void Run(RunningTurn turn, TurnWork work) => Follow(RunAsync(turn, work));

    /// <summary>Runs the next attempt of a turn whose host died.</summary>
    public void Restart(RunningTurn turn, OpenTurn open) => Follow(RestartAsync(turn, open));

    /// <summary>Marks a turn as interrupted that is not to be run again.</summary>
    public void EndLost(RunningTurn turn, OpenTurn open) => Follow(EndLostAsync(turn, open));

    /// <summary>The messages before a question, newest first.</summary>
    public IAsyncEnumerable<SessionMessage> History(StoredMessage question) =>
        store.Messages.WalkBackAsync(question.Message.ParentId, CancellationToken.None);

    private static Problem Internal() =>
        Problem.Of(ProblemCode.Internal, "The turn failed by a fault of this server.", "Try again.", "Report the correlation id.");

    private void Follow(Task work)
    {
        running.Follow(work);
        Work = Work.IsCompleted ? work : Task.WhenAll(Work, work);
    }

    /// <summary>Charges the calls that the dead host had under way: their cost tracker may have died with it and know nothing of them.</summary>
    private async ValueTask ChargeLostAsync(OpenTurn open)
    {
        foreach (var reserved in new[] { open.Reserved, open.Hedge }.OfType<ReservedAttempt>())
        {
            await admission.ChargeLostAsync(new LostAttempt
            {
                TurnId = open.TurnId,
                SessionId = store.Id,
                SessionBudget = TurnPlanner.BudgetOf(store.Head.Settings),
                Caller = open.Caller,
                Model = open.Started.Model,
                Reserved = reserved,
            });
        }
    }

    private async Task EndLostAsync(RunningTurn turn, OpenTurn open)
    {
        await Task.Yield();
        try
        {
            await ChargeLostAsync(open);
        }
        catch (Exception fault)
        {
            // A session that cannot be used is worse; what is on record of the reservation is still charged when its lease runs out.
            LogNotCharged(open.TurnId, store.Id, fault);
        }

        await EndAsync(turn, new TurnOutcome { Status = TurnStatus.Interrupted });
    }

    private async Task RestartAsync(RunningTurn turn, OpenTurn open)
    {
        await Task.Yield();
        try
        {
            await ChargeLostAsync(open);
        }
        catch (Exception fault)
        {
            await GiveUpAsync(turn, fault);
            return;
        }

        TurnPlan plan;
        try
        {
            plan = await planner.PlanAsync(
                open.TurnId, store.Id, open.Caller, store.Head, open.Started.Model, open.Question, CancellationToken.None);
        }
        catch (OrleansChatException fault)
        {
            await EndAsync(turn, new TurnOutcome { Status = TurnStatus.Failed, Problem = fault.Problem });
            return;
        }

        await RunAsync(turn, new TurnWork { Plan = plan, Attempt = open.Attempt, History = History(open.Question) });
    }

    private async Task RunAsync(RunningTurn turn, TurnWork work)
    {
        // The caller gets its answer first.
        await Task.Yield();
        TurnOutcome outcome;
        var began = time.GetTimestamp();
        try
        {
            outcome = await runner.RunAsync(work, turn, turn.Stop);
        }
        catch (StorageException fault)
        {
            await GiveUpAsync(turn, fault);
            return;
        }
        catch (Exception fault)
        {
            LogFailed(turn.TurnId, store.Id, fault);
            await EndAsync(turn, new TurnOutcome { Status = TurnStatus.Failed, Problem = (fault as OrleansChatException)?.Problem ?? Internal() });
            return;
        }

        var elapsed = time.GetElapsedTime(began);
        if (!await EndAsync(turn, outcome))
            return;

        Tell(turn.TurnId, outcome, elapsed);
        if (outcome is { Status: TurnStatus.Completed, LeftMessagesOut: true })
            summaries.Begin(work.Plan);
    }

    /// <summary>
    /// Every turn that this server or its upstreams failed has a line, and where requests have one, so has every turn: it runs here, however its client asked. One whose end is not on record
    /// has none: it begins again.
    /// </summary>
    private void Tell(string turnId, TurnOutcome outcome, TimeSpan elapsed)
    {
        if (outcome is { Status: TurnStatus.Failed, Problem: { Status: >= 500 } problem })
            LogFailure(turnId, store.Id, elapsed.TotalMilliseconds, problem.Code, problem.Detail);
        else if (logging.Requests)
            LogTurn(turnId, store.Id, outcome.Status, elapsed.TotalMilliseconds);
    }

    private async Task<bool> EndAsync(RunningTurn turn, TurnOutcome outcome)
    {
        if (turn.IsAbandoned || store.Head.Open is not { } open)
            return false;

        try
        {
            await turn.Allowance.EndAsync();
            var end = TurnEnd.Of(open, outcome, turn.Log.ReadAll(), store.Messages.Log, time.GetUtcNow());
            await store.EndTurnAsync(end.Record, end.Added, end.Leaf, end.Log);
            turn.Log.Append(end.Last);
        }
        catch (Exception fault)
        {
            await GiveUpAsync(turn, fault);
            return false;
        }

        await TidyAsync(turn.TurnId);
        return true;
    }

    /// <summary>The turn's state could not be written: it stays open on record, and another activation brings it back.</summary>
    private async Task GiveUpAsync(RunningTurn turn, Exception fault)
    {
        LogGivenUp(turn.TurnId, store.Id, fault);
        await turn.AbandonAsync();
        context.Deactivate();
    }

    /// <summary>What may be late: the register's entry, the logs of old turns and the next deadline.</summary>
    private async Task TidyAsync(string turnId)
    {
        try
        {
            store.Head.OldestLog = await store.Turns.SweepAsync(store.Head.OldestLog);

            // The entry goes last: while it is there, a starting host comes by and does the rest.
            await life.ScheduleAsync(CancellationToken.None);
            await indexing.CatchUpAsync();
            await Register.RemoveAsync(store.Id, turnId, CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotTidied(store.Id, fault);
        }
    }

    [LoggerMessage(315, LogLevel.Warning, "Turn {Turn} of session {Session} failed after {ElapsedMs:0.0} ms: {Code}: {Detail}")]
    private partial void LogFailure(string turn, string session, double elapsedMs, string code, string detail);

    [LoggerMessage(316, LogLevel.Information, "Turn {Turn} of session {Session} {Status} in {ElapsedMs:0.0} ms")]
    private partial void LogTurn(string turn, string session, TurnStatus status, double elapsedMs);

    [LoggerMessage(301, LogLevel.Error, "Turn {Turn} of session {Session} failed")]
    private partial void LogFailed(string turn, string session, Exception fault);

    [LoggerMessage(302, LogLevel.Error, "Turn {Turn} of session {Session} could not be written; it is brought back by the session's next activation")]
    private partial void LogGivenUp(string turn, string session, Exception fault);

    [LoggerMessage(314, LogLevel.Error, "The lost attempt of turn {Turn} of session {Session} could not be charged")]
    private partial void LogNotCharged(string turn, string session, Exception fault);

    [LoggerMessage(303, LogLevel.Warning, "What follows the end of a turn of session {Session} is not done yet; its next turn or the next start does it")]
    private partial void LogNotTidied(string session, Exception fault);
}
