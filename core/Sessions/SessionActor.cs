using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions.Paging;
using OrleansChat.Core.Sessions.Running;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions;

/// <inheritdoc cref="ISessionActor"/>
/// <param name="state">The session's head.</param>
/// <param name="context">The activation.</param>
/// <param name="planner">Plans turns.</param>
/// <param name="admission">Asks for them.</param>
/// <param name="runner">Runs them.</param>
/// <param name="options">The settings.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class SessionActor(
    IActorState<SessionState> state,
    IActorContext context,
    TurnPlanner planner,
    TurnAdmission admission,
    TurnRunner runner,
    IOptions<OrleansChatOptions> options,
    TimeProvider time,
    ILogger<SessionActor> logger) : ISessionActor, IActorLifecycle
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly SessionStore _store = new(state, context, options.Value.Sessions, time);
    private SessionTurns? _turns;
    private Task _listing = Task.CompletedTask;

    private SessionTurns Turns => _turns ??= new SessionTurns(_store, context, planner, admission, runner, time, logger);

    private SessionState Head => _store.Head;

    private ISessionIndexActor Index => context.Actors.SessionIndex(Head.Owner!);

    private IOpenTurnsActor Register => context.Actors.OpenTurns(OpenTurnShards.Of(_store.Id));

    /// <inheritdoc/>
    public async ValueTask ActivateAsync(CancellationToken cancellationToken)
    {
        if (Head.Deleting)
            await ClearAsync(cancellationToken);
        else
            await Turns.RecoverAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DeactivateAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A turn may finish as long as the host waits; then it stays open on record, to be restarted.
            await Turns.Work.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await Turns.Current!.AbandonAsync();
            await Turns.Work.WaitAsync(StopGrace, time, CancellationToken.None).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken)
    {
        if (Head.Owner is not null)
            return await DescribeAsync(caller, SessionScope.ActivePath, cancellationToken);

        var now = time.GetUtcNow();
        Head.Owner = caller.Id;
        Head.Settings = settings;
        Head.CreatedAt = now;
        Head.LastActiveAt = now;
        await _store.FlushAsync();
        await Index.PutAsync(SessionViews.Line(_store), cancellationToken);
        return await SessionViews.OfAsync(_store, SessionScope.Settings, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken)
    {
        Check(caller);
        return SessionViews.OfAsync(_store, scope, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken)
    {
        Check(caller);
        Head.Settings = Head.Settings with
        {
            Title = changes.Title ?? Head.Settings.Title,
            Model = changes.Model ?? Head.Settings.Model,
            SystemPrompt = changes.SystemPrompt ?? Head.Settings.SystemPrompt,
            Collections = changes.Collections ?? Head.Settings.Collections,
        };
        await _store.FlushAsync();
        await Index.PutAsync(SessionViews.Line(_store), cancellationToken);
        return await SessionViews.OfAsync(_store, SessionScope.Settings, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken)
    {
        Check(caller);
        if (Turns.Current is { } running)
            await running.CancelAsync();

        await Turns.Work;
        await Register.AddAsync(_store.Id, _store.Id, cancellationToken);

        // From here on the session is gone for everybody; a crash leaves only pages to be cleared.
        Head.Deleting = true;
        await _store.FlushAsync();
        await ClearAsync(CancellationToken.None);
        context.Deactivate();
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken)
    {
        Check(caller);
        if (request.Message.Length == 0)
            throw RequestException.Invalid("message", "The message is empty.", "Send a message of one character at least.");

        if (request.ClientTurnId is { } clientTurnId && await FindByClientIdAsync(clientTurnId) is { } known)
            return known;

        CheckIdle();
        var parent = await FindParentAsync(request.ParentMessageId);
        var now = time.GetUtcNow();
        var question = MessageTree.Follow(parent, new SessionMessage
        {
            Id = PagedId.New(now, _store.Messages.Log.Tail.Next(_store.Messages.Log.Limits)),
            ParentId = parent?.Message.Id,
            Role = MessageRole.User,
            Content = request.Message,
            CreatedAt = now,
        });
        var title = Head.Settings.Title ?? SessionTitle.Of(request.Message);
        var begun = await Turns.BeginAsync(caller, request.ClientTurnId, request.Model, question, title, cancellationToken);
        List();
        return begun;
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken)
    {
        Check(caller);
        CheckIdle();
        var record = await RecordAsync(turnId);
        var question = await _store.Messages.Log.FindAsync(record.UserMessageId) ?? throw RequestException.NotFound("message", record.UserMessageId);
        var begun = await Turns.BeginAgainAsync(caller, model ?? record.Model, question, cancellationToken);
        List();
        return begun;
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken)
    {
        Check(caller);
        return Open(turnId) ?? await EndedAsync(await RecordAsync(turnId));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TurnEvent> ReadTurnAsync(
        ApiKey caller, string turnId, long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(caller);
        if (Turns.Current is { } current && current.TurnId == turnId)
        {
            await foreach (var shown in current.Log.ReadAsync(after, cancellationToken))
                yield return shown;

            yield break;
        }

        var record = await RecordAsync(turnId);
        if (!_store.Turns.IsRetained(record))
            throw LogIsGone(turnId);

        foreach (var stored in (await _store.Turns.ReadLogAsync(turnId)).Unpack(after))
            yield return stored;
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken)
    {
        Check(caller);
        if (Open(turnId) is not { } open)
            return await EndedAsync(await RecordAsync(turnId));

        await Turns.Current!.CancelAsync();
        return open;
    }

    /// <inheritdoc/>
    public async ValueTask RecoverAsync(CancellationToken cancellationToken)
    {
        // Activation has brought back what was open. An entry that is still there without an open turn is left from a start that failed.
        if (Head.Open is null)
            await Register.RemoveAsync(_store.Id, null, cancellationToken);
    }

    private static RequestException LogIsGone(string turnId) =>
        new(Problem.Of(ProblemCode.NotFound, $"The events of turn '{turnId}' are no longer kept.", "Read the turn itself: its answer is kept."));

    private void Check(ApiKey caller)
    {
        if (Head.Owner is null || Head.Deleting || (Head.Owner != caller.Id && !caller.Admin))
            throw RequestException.NotFound("session", _store.Id);
    }

    private void CheckIdle()
    {
        if (Head.Open is { } open)
            throw new RequestException(Problem.Of(
                ProblemCode.TurnInProgress,
                $"Turn '{open.TurnId}' of this session is still running.",
                $"Wait for its end: read the events of turn '{open.TurnId}'.",
                "Cancel it.") with { Subject = open.TurnId });
    }

    private async ValueTask<StoredMessage?> FindParentAsync(string? parentId)
    {
        var id = parentId ?? Head.Leaf;
        if (id is null or TurnRequest.Root)
            return null;

        return await _store.Messages.Log.FindAsync(id) ?? throw RequestException.NotFound("message", id);
    }

    private async ValueTask<TurnView?> FindByClientIdAsync(string clientTurnId)
    {
        if (Head.Open is { } open && open.ClientTurnId == clientTurnId)
            return Open(open.TurnId);

        return await _store.Turns.FindByClientIdAsync(clientTurnId) is { } record ? await EndedAsync(record) : null;
    }

    private async ValueTask<TurnRecord> RecordAsync(string turnId) =>
        await _store.Turns.Records.FindAsync(turnId) ?? throw RequestException.NotFound("turn", turnId);

    private TurnView? Open(string turnId) =>
        Head.Open is { } open && open.TurnId == turnId ? TurnViews.Of(_store.Id, open, Turns.Current?.Log.LastSequence ?? 0) : null;

    private async ValueTask<TurnView> EndedAsync(TurnRecord record)
    {
        var answer = record.MessageId is { } id ? await _store.Messages.Log.FindAsync(id) : null;
        return TurnViews.Of(_store.Id, record, answer?.Message);
    }

    /// <summary>Refreshes the session's line in its owner's list, beside whatever else happens.</summary>
    private void List()
    {
        var before = _listing;
        _listing = ListAsync(before, SessionViews.Line(_store));
    }

    private async Task ListAsync(Task before, SessionLine line)
    {
        try
        {
            await before;
            await Index.PutAsync(line, CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotListed(_store.Id, fault);
        }
    }

    private async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await _listing;
        await Index.RemoveAsync(_store.Id, cancellationToken);
        await _store.ClearAsync();
        await Register.RemoveAsync(_store.Id, _store.Id, CancellationToken.None);
    }

    [LoggerMessage(304, LogLevel.Warning, "Session {Session} could not be listed; its line stays as it was until its next turn")]
    private partial void LogNotListed(string session, Exception fault);
}
