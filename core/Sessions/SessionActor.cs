using System.Runtime.CompilerServices;
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
public sealed partial class SessionActor : ISessionActor, IActorLifecycle
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly IActorContext _context;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SessionStore _store;
    private readonly TurnWorker _worker;
    private readonly SessionTurns _turns;
    private readonly TurnLookup _lookup;
    private readonly SessionLife _life;
    private readonly SessionCounts _counts;
    private bool _isCounted;
    private Task _listing = Task.CompletedTask;

    /// <summary>Makes an activation.</summary>
    /// <param name="state">The session's head.</param>
    /// <param name="context">The activation.</param>
    /// <param name="planner">Plans turns.</param>
    /// <param name="admission">Asks for them.</param>
    /// <param name="runner">Runs them.</param>
    /// <param name="options">The settings.</param>
    /// <param name="counts">Counts sessions.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public SessionActor(
        IActorState<SessionState> state,
        IActorContext context,
        TurnPlanner planner,
        TurnAdmission admission,
        TurnRunner runner,
        IOptions<OrleansChatOptions> options,
        SessionCounts counts,
        TimeProvider time,
        ILogger<SessionActor> logger)
    {
        _context = context;
        _time = time;
        _logger = logger;
        _store = new SessionStore(state, context, options.Value.Sessions, time);
        _counts = counts;
        _life = new SessionLife(_store, context, time);
        _worker = new TurnWorker(_store, _life, context, planner, runner, time, logger);
        _turns = new SessionTurns(_store, context, planner, admission, _worker, time, logger);
        _lookup = new TurnLookup(_store, _turns);
    }

    private SessionState Head => _store.Head;

    private ISessionIndexActor Index => _context.Actors.SessionIndex(Head.Owner!);

    /// <inheritdoc/>
    public async ValueTask ActivateAsync(CancellationToken cancellationToken)
    {
        if (Head.Deleting)
            await ClearAsync(cancellationToken);
        else
            await _turns.RecoverAsync(cancellationToken);

        CountLive();
    }

    /// <inheritdoc/>
    public async ValueTask DeactivateAsync(CancellationToken cancellationToken)
    {
        if (_isCounted)
            _counts.CountLive(-1);

        _isCounted = false;
        try
        {
            // A turn may finish as long as the host waits; then it stays open on record, to be restarted.
            await _worker.Work.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await _turns.HandOverAsync(StopGrace);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken)
    {
        if (Head.Owner is not null)
            return await DescribeAsync(caller, SessionScope.ActivePath, cancellationToken);

        var now = _time.GetUtcNow();
        Head.Owner = caller.Id;
        Head.Settings = settings;
        Head.CreatedAt = now;
        Head.LastActiveAt = now;
        await _life.ScheduleAsync(cancellationToken);
        await _store.FlushAsync();
        CountLive();
        await Index.PutAsync(SessionViews.Line(_store), cancellationToken);
        return await SessionViews.OfAsync(_store, SessionScope.Settings, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken)
    {
        Check(caller);
        var view = await SessionViews.OfAsync(_store, scope, cancellationToken);

        // The session may have been deleted while its pages were read.
        Check(caller);
        return view;
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
        Head.LastChangedAt = _time.GetUtcNow();
        await _store.FlushAsync();
        await Index.PutAsync(SessionViews.Line(_store), cancellationToken);
        return await SessionViews.OfAsync(_store, SessionScope.Settings, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken)
    {
        Check(caller);
        if (_turns.Current is { } running)
            await running.CancelAsync();

        await _worker.Work;
        await RemoveAsync(cancellationToken);
        _counts.CountRemoved();
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken)
    {
        Check(caller);
        if (request.Message.Length == 0)
            throw RequestException.Invalid("message", "The message is empty.", "Send a message of one character at least.");

        if (request.ClientTurnId is { } clientTurnId && await _lookup.FindByClientIdAsync(clientTurnId) is { } known)
            return known;

        CheckIdle();
        var parent = await FindParentAsync(request.ParentMessageId);
        var now = _time.GetUtcNow();
        var question = MessageTree.Follow(parent, new SessionMessage
        {
            Id = PagedId.New(now, _store.Messages.Log.Tail.Next(_store.Messages.Log.Limits)),
            ParentId = parent?.Message.Id,
            Role = MessageRole.User,
            Content = request.Message,
            CreatedAt = now,
        });
        var title = Head.Settings.Title ?? SessionTitle.Of(request.Message);
        var begun = await _turns.BeginAsync(caller, request.ClientTurnId, request.Model, question, title, cancellationToken);
        List();
        return begun;
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken)
    {
        Check(caller);
        CheckIdle();
        var record = await _lookup.RecordAsync(turnId);
        var question = await _store.Messages.Log.FindAsync(record.UserMessageId) ?? throw RequestException.NotFound("message", record.UserMessageId);
        var begun = await _turns.BeginAgainAsync(caller, model ?? record.Model, question, cancellationToken);
        List();
        return begun;
    }

    /// <inheritdoc/>
    public ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken)
    {
        Check(caller);
        return _lookup.GetAsync(turnId);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TurnEvent> ReadTurnAsync(
        ApiKey caller, string turnId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(caller);
        await foreach (var shown in _lookup.ReadAsync(turnId, after, cancellationToken))
            yield return shown;
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken)
    {
        Check(caller);
        if (_lookup.FindOpen(turnId) is not null && _turns.Current is { } current && current.TurnId == turnId)
            await current.CancelAsync();

        return await _lookup.GetAsync(turnId);
    }

    /// <inheritdoc/>
    public async ValueTask RecoverAsync(CancellationToken cancellationToken)
    {
        // Activation has brought back what was open. An entry that is still there without an open turn is left from a start that failed.
        if (Head.Open is not null)
            return;

        if (Head.Owner is not null)
            await _life.ScheduleAsync(cancellationToken);

        await _worker.Register.RemoveAsync(_store.Id, null, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SweepAsync(CancellationToken cancellationToken)
    {
        // A turn that has ended may still be tidied up.
        if (Head.Open is null)
            await _worker.Work;

        if (Head.Owner is null || Head.Deleting)
            return false;

        if (_life.IsExpired)
        {
            await RemoveAsync(cancellationToken);
            _counts.CountExpired();
            return true;
        }

        if (Head.Open is null)
            await _store.DropLogsAsync();

        await _life.ScheduleAsync(cancellationToken);
        await _store.FlushAsync();
        return false;
    }

    private void Check(ApiKey caller)
    {
        if (Head.Owner is null || Head.Deleting || (Head.Owner != caller.Id && !caller.Admin) || _life.IsExpired)
            throw RequestException.NotFound("session", _store.Id);
    }

    private void CheckIdle()
    {
        if (Head.Open is { } open)
            throw new RequestException(Problem.Of(
                ProblemCode.TurnInProgress,
                $"Turn '{open.TurnId}' of this session is still running.",
                $"Wait for its end: read the events of turn '{open.TurnId}'.",
                "Cancel it.") with
            { Subject = open.TurnId });
    }

    private async ValueTask<StoredMessage?> FindParentAsync(string? parentId)
    {
        var id = parentId ?? Head.Leaf;
        if (id is null or TurnRequest.Root)
            return null;

        return await _store.Messages.Log.FindAsync(id) ?? throw RequestException.NotFound("message", id);
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

    private void CountLive()
    {
        if (_isCounted || Head.Owner is null)
            return;

        _isCounted = true;
        _counts.CountLive(1);
    }

    private async ValueTask RemoveAsync(CancellationToken cancellationToken)
    {
        await _worker.Register.AddAsync(_store.Id, _store.Id, cancellationToken);

        // From here on the session is gone for everybody; a crash leaves only pages to be cleared.
        Head.Deleting = true;
        await _store.FlushAsync();
        await ClearAsync(CancellationToken.None);
        _context.Deactivate();
    }

    private async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await _listing;
        await Index.RemoveAsync(_store.Id, cancellationToken);
        await _life.UnscheduleAsync(cancellationToken);
        await _store.ClearAsync();
        await _worker.Register.RemoveAsync(_store.Id, _store.Id, CancellationToken.None);
    }

    [LoggerMessage(304, LogLevel.Warning, "Session {Session} could not be listed; its line stays as it was until its next turn")]
    private partial void LogNotListed(string session, Exception fault);
}
