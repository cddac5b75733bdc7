using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions.Paging;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.Running;

/// <summary>The one active turn of a session: begins it, runs it beside the session's calls, ends it, brings it back after a crash.</summary>
internal sealed partial class SessionTurns(
    SessionStore store,
    IActorContext context,
    TurnPlanner planner,
    TurnAdmission admission,
    TurnRunner runner,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Hosts that may die under a turn before it is given up.</summary>
    private const int MaxCrashes = 1;

    private IOpenTurnsActor Register => context.Actors.OpenTurns(OpenTurnShards.Of(store.Id));

    /// <summary>The turn that this activation last began; it may have ended.</summary>
    public RunningTurn? Current { get; private set; }

    /// <summary>All background work, to the end on record and what is tidied up after it. It never fails.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Begins a turn with a new message; completes when it is durable, before it reaches an upstream.</summary>
    /// <param name="caller">The key that asks, and pays.</param>
    /// <param name="clientTurnId">The client's own id of it; null for none.</param>
    /// <param name="model">The turn's own model; null for the session's.</param>
    /// <param name="question">The message to answer.</param>
    /// <param name="title">The session's title from now on.</param>
    /// <param name="cancellationToken">Ends the wait for limits and budgets; then nothing has happened.</param>
    public ValueTask<TurnView> BeginAsync(
        ApiKey caller, string? clientTurnId, string? model, StoredMessage question, string title, CancellationToken cancellationToken) =>
        BeginAsync(caller, clientTurnId, model, question, false, title, cancellationToken);

    /// <summary>Begins a turn that answers a stored message anew.</summary>
    /// <param name="caller">The key that asks, and pays.</param>
    /// <param name="model">The model.</param>
    /// <param name="question">The message to answer.</param>
    /// <param name="cancellationToken">Ends the wait for limits and budgets; then nothing has happened.</param>
    public ValueTask<TurnView> BeginAgainAsync(ApiKey caller, string model, StoredMessage question, CancellationToken cancellationToken) =>
        BeginAsync(caller, null, model, question, true, store.Head.Settings.Title, cancellationToken);

    /// <summary>Brings back a turn that a dead host left open: restarted once, then marked. Does not wait for its end.</summary>
    public async ValueTask RecoverAsync(CancellationToken cancellationToken)
    {
        if (store.Head.Open is not { } open)
            return;

        var allowed = Math.Max(open.Allowed, await SequenceAllowance.ReadAsync(context, open.TurnId, cancellationToken));
        var mayRestart = open.Crashes < MaxCrashes;
        var attempt = open.Attempt + 1;
        var restarted = open with
        {
            Attempt = attempt,
            Crashes = open.Crashes + 1,
            Allowed = allowed + SequenceAllowance.Block,
            Restarts = [.. open.Restarts, new RecordedRestart(allowed + 1, attempt)],
        };
        if (mayRestart)
        {
            store.Head.Open = restarted;
            await store.FlushAsync();
        }

        var turn = new RunningTurn(context, store, open, restarted.Allowed);
        foreach (var replayed in TurnReplay.Of(open, allowed))
            turn.Log.Append(replayed);

        Current = turn;
        LogRecovered(open.TurnId, store.Id, mayRestart ? "begins again" : "is marked as interrupted");
        if (mayRestart)
            turn.Log.Append(new TurnRestarted(attempt));

        Follow(mayRestart ? RestartAsync(turn, restarted) : RunAsync(turn, new TurnOutcome { Status = TurnStatus.Interrupted }));
    }

    private async ValueTask<TurnView> BeginAsync(
        ApiKey caller, string? clientTurnId, string? model, StoredMessage question, bool isStored, string? title, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var turnId = PagedId.New(now, store.Turns.Records.Tail.Next(store.Turns.Records.Limits));
        var plan = await planner.PlanAsync(turnId, store.Id, caller, store.Head.Settings, model, question, cancellationToken);
        var grant = await admission.AdmitAsync(plan, 1, cancellationToken);
        var open = new OpenTurn
        {
            TurnId = turnId,
            ClientTurnId = clientTurnId,
            Caller = caller,
            Question = question,
            QuestionIsStored = isStored,
            Started = TurnIntent.Announce(plan),
            Allowed = SequenceAllowance.Block,
        };
        await RecordAsync(open, grant, now, title);

        var turn = new RunningTurn(context, store, open, open.Allowed);
        turn.Log.Append(open.Started);
        Current = turn;
        Follow(RunAsync(turn, new TurnWork { Plan = plan, Grant = grant, History = History(question) }));
        return TurnViews.Of(store.Id, open, turn.Log.LastSequence);
    }

    private void Follow(Task work) => Work = Work.IsCompleted ? work : Task.WhenAll(Work, work);

    private IAsyncEnumerable<SessionMessage> History(StoredMessage question) =>
        store.Messages.WalkBackAsync(question.Message.ParentId, CancellationToken.None);

    /// <summary>Writes the turn and registers it; where that fails, the grant is taken back.</summary>
    private async ValueTask RecordAsync(OpenTurn open, AdmissionGrant grant, DateTimeOffset now, string? title)
    {
        try
        {
            store.Head.Open = open;
            store.Head.LastActiveAt = now;
            store.Head.Settings = store.Head.Settings with { Title = title };
            await Task.WhenAll(store.FlushAsync(), Register.AddAsync(store.Id, open.TurnId, CancellationToken.None).AsTask());
        }
        catch
        {
            // What is on record now is not known; the next activation reads it.
            context.Deactivate();
            await admission.ReleaseAsync(grant);
            throw;
        }
    }

    private async Task RestartAsync(RunningTurn turn, OpenTurn open)
    {
        await Task.Yield();
        TurnPlan plan;
        try
        {
            plan = await planner.PlanAsync(
                open.TurnId, store.Id, open.Caller, store.Head.Settings, open.Started.Model, open.Question, CancellationToken.None);
        }
        catch (OrleansChatException fault)
        {
            await RunAsync(turn, new TurnOutcome { Status = TurnStatus.Failed, Problem = fault.Problem });
            return;
        }

        await RunAsync(turn, new TurnWork { Plan = plan, Attempt = open.Attempt, History = History(open.Question) });
    }

    private async Task RunAsync(RunningTurn turn, TurnWork work)
    {
        // The caller gets its answer first.
        await Task.Yield();
        TurnOutcome outcome;
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
            outcome = new TurnOutcome { Status = TurnStatus.Failed, Problem = (fault as OrleansChatException)?.Problem ?? Internal() };
        }

        await RunAsync(turn, outcome);
    }

    private async Task RunAsync(RunningTurn turn, TurnOutcome outcome)
    {
        if (turn.IsAbandoned || store.Head.Open is not { } open)
            return;

        try
        {
            await turn.Allowance.EndAsync();
            var end = TurnEnd.Of(open, outcome, turn.Log.Events, store.Messages.Log, time.GetUtcNow());
            await store.EndTurnAsync(end.Record, end.Added, end.Leaf, end.Log);
            turn.Log.Append(end.Last);
        }
        catch (Exception fault)
        {
            await GiveUpAsync(turn, fault);
            return;
        }

        await TidyAsync(turn.TurnId);
    }

    /// <summary>The turn's state could not be written: it stays open on record, and another activation brings it back.</summary>
    private async Task GiveUpAsync(RunningTurn turn, Exception fault)
    {
        LogGivenUp(turn.TurnId, store.Id, fault);
        await turn.AbandonAsync();
        context.Deactivate();
    }

    /// <summary>What may be late: the register's entry and the logs of old turns.</summary>
    private async Task TidyAsync(string turnId)
    {
        try
        {
            await Register.RemoveAsync(store.Id, turnId, CancellationToken.None);
            store.Head.OldestLog = await store.Turns.SweepAsync(store.Head.OldestLog);
        }
        catch (Exception fault)
        {
            LogNotTidied(store.Id, fault);
        }
    }

    private static Problem Internal() => Problem.Of(ProblemCode.Internal, "The turn failed by a fault of this server.", "Try again.", "Report the correlation id.");

    [LoggerMessage(300, LogLevel.Warning, "Turn {Turn} of session {Session} was left open by a dead host and {Consequence}")]
    private partial void LogRecovered(string turn, string session, string consequence);

    [LoggerMessage(301, LogLevel.Error, "Turn {Turn} of session {Session} failed")]
    private partial void LogFailed(string turn, string session, Exception fault);

    [LoggerMessage(302, LogLevel.Error, "Turn {Turn} of session {Session} could not be written; it is brought back by the session's next activation")]
    private partial void LogGivenUp(string turn, string session, Exception fault);

    [LoggerMessage(303, LogLevel.Warning, "Old turns of session {Session} could not be cleared")]
    private partial void LogNotTidied(string session, Exception fault);
}
