using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions.Paging;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.Running;

/// <summary>The one active turn of a session: begins it on record, and brings it back after a crash.</summary>
internal sealed partial class SessionTurns(
    SessionStore store,
    IActorContext context,
    TurnPlanner planner,
    TurnAdmission admission,
    TurnWorker worker,
    RunningTurns running,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Hosts that may die under a turn before it is given up.</summary>
    private const int MaxCrashes = 1;

    /// <summary>The turn that this activation last began; it may have ended.</summary>
    public RunningTurn? Current { get; private set; }

    /// <summary>Begins a turn with a new message; completes when it is durable, before it reaches an upstream.</summary>
    /// <param name="caller">The key that asks, and pays.</param>
    /// <param name="request">The message, and where in the tree it belongs.</param>
    /// <param name="cancellationToken">Ends the wait for limits and budgets; then nothing has happened.</param>
    public async ValueTask<TurnView> BeginAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken)
    {
        var parent = await FindParentAsync(request.ParentMessageId);
        var now = time.GetUtcNow();
        var question = MessageTree.Follow(parent, new SessionMessage
        {
            Id = PagedId.New(now, store.Messages.Log.Tail.Next(store.Messages.Log.Limits)),
            ParentId = parent?.Message.Id,
            Role = MessageRole.User,
            Content = request.Message,
            CreatedAt = now,
        });
        var title = store.Head.Settings.Title ?? SessionTitle.Of(request.Message);
        return await BeginAsync(caller, request.ClientTurnId, request.Model, question, false, title, cancellationToken);
    }

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
        var attempt = open.Attempt + 1;
        var restarted = open with
        {
            Attempt = attempt,
            Crashes = open.IsHandedOver ? open.Crashes : open.Crashes + 1,
            IsHandedOver = false,
            Allowed = allowed + SequenceAllowance.Block,
            Restarts = [.. open.Restarts, new RecordedRestart(allowed + 1, attempt)],
        };
        var turn = new RunningTurn(context, store, open, restarted.Allowed);
        foreach (var replayed in TurnReplay.Of(open, allowed))
            turn.Log.Append(replayed);

        Current = turn;
        if (restarted.Crashes > MaxCrashes)
        {
            LogInterrupted(open.TurnId, store.Id);
            worker.EndLost(turn, restarted);
            return;
        }

        LogRestarted(open.TurnId, store.Id);
        store.Head.Open = restarted;
        await store.FlushAsync();
        turn.Log.Append(new TurnRestarted(attempt));
        worker.Restart(turn, restarted);
    }

    /// <summary>Stops the turn under way and leaves it to the next activation; what it used so far is settled.</summary>
    /// <param name="grace">How long to wait for the settlement.</param>
    public async ValueTask HandOverAsync(TimeSpan grace)
    {
        if (Current is { } current && store.Head.Open is not null)
            await current.AbandonAsync();

        // It may be ending just now: then there is nothing to hand over.
        await worker.Work.WaitAsync(grace, time, CancellationToken.None).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (store.Head.Open is { } open)
        {
            // Where its work has ended, its calls are settled or taken back.
            store.Head.Open = worker.Work.IsCompleted
                ? open with { IsHandedOver = true, Reserved = null, Hedge = null }
                : open with { IsHandedOver = true };
            await store.FlushAsync();
        }
    }

    private async ValueTask<StoredMessage?> FindParentAsync(string? parentId)
    {
        var id = parentId ?? store.Head.Leaf;
        if (id is null or TurnRequest.Root)
            return null;

        return await store.Messages.Log.FindAsync(id) ?? throw RequestException.NotFound("message", id);
    }

    private async ValueTask<TurnView> BeginAsync(
        ApiKey caller, string? clientTurnId, string? model, StoredMessage question, bool isStored, string? title, CancellationToken cancellationToken)
    {
        if (running.IsClosed)
            throw new HostStoppingException();

        var now = time.GetUtcNow();
        var turnId = PagedId.New(now, store.Turns.Records.Tail.Next(store.Turns.Records.Limits));
        var plan = await planner.PlanAsync(turnId, store.Id, caller, store.Head, model, question, cancellationToken);
        var grant = await admission.AdmitAsync(plan, cancellationToken);
        var open = new OpenTurn
        {
            TurnId = turnId,
            ClientTurnId = clientTurnId,
            Caller = caller,
            Question = question,
            QuestionIsStored = isStored,
            Started = TurnIntent.Announce(plan),
            Reserved = ReservedAttempt.Of(1, grant, now),
            Allowed = SequenceAllowance.Block,
        };
        var turn = new RunningTurn(context, store, open, open.Allowed);
        Current = turn;
        store.Head.Open = open;
        store.Head.LastActiveAt = now;
        store.Head.Settings = store.Head.Settings with { Title = title };
        await RecordAsync(turn, grant);

        turn.Log.Append(open.Started);
        worker.Run(turn, new TurnWork { Plan = plan, Grant = grant, History = worker.History(question) });
        return TurnViews.Of(store.Id, open, turn.Log.LastSequence);
    }

    /// <summary>Writes the turn and registers it; where that fails, the grant is taken back.</summary>
    private async ValueTask RecordAsync(RunningTurn turn, AdmissionGrant grant)
    {
        try
        {
            await Task.WhenAll(store.FlushAsync(), worker.Register.AddAsync(store.Id, turn.TurnId, CancellationToken.None).AsTask());
        }
        catch
        {
            // What is on record now is not known; the next activation reads it.
            await turn.AbandonAsync();
            context.Deactivate();
            await admission.ReleaseAsync(grant);
            throw;
        }
    }

    [LoggerMessage(300, LogLevel.Warning, "Turn {Turn} of session {Session} was left open by a dead host and begins again")]
    private partial void LogRestarted(string turn, string session);

    [LoggerMessage(305, LogLevel.Warning, "Turn {Turn} of session {Session} was left open by a dead host again and is marked as interrupted")]
    private partial void LogInterrupted(string turn, string session);
}
