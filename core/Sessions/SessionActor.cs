using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Running;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Turns.Summaries;

namespace OrleansChat.Core.Sessions;

/// <inheritdoc cref="ISessionActor"/>
public sealed class SessionActor : ISessionActor, IActorLifecycle
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly SessionStore _store;
    private readonly TurnWorker _worker;
    private readonly SessionSummaries _summaries;
    private readonly SessionTurns _turns;
    private readonly TurnLookup _lookup;
    private readonly SessionLife _life;
    private readonly SessionGuard _guard;
    private readonly SessionListing _listing;
    private readonly ConversationIndexing _indexing;
    private readonly SessionEditing _editing;
    private readonly SessionRemoval _removal;
    private readonly SessionResponses _responses;
    private readonly SessionCounts _counts;
    private bool _isCounted;

    /// <summary>Makes an activation.</summary>
    /// <param name="state">The session's head.</param>
    /// <param name="context">The activation.</param>
    /// <param name="planner">Plans turns.</param>
    /// <param name="admission">Asks for them.</param>
    /// <param name="runner">Runs them.</param>
    /// <param name="summarizer">Writes summaries of long chats.</param>
    /// <param name="options">The settings.</param>
    /// <param name="counts">Counts sessions.</param>
    /// <param name="running">Counts turns under way.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public SessionActor(
        IActorState<SessionState> state,
        IActorContext context,
        TurnPlanner planner,
        TurnAdmission admission,
        TurnRunner runner,
        Summarizer summarizer,
        IOptions<OrleansChatOptions> options,
        SessionCounts counts,
        RunningTurns running,
        TimeProvider time,
        ILogger<SessionActor> logger)
    {
        _store = new SessionStore(state, context, options.Value.Sessions, time);
        _counts = counts;
        _life = new SessionLife(_store, context, time);
        _guard = new SessionGuard(_store, _life);
        _listing = new SessionListing(_store, context, logger);
        _responses = new SessionResponses(_store, time);
        _summaries = new SessionSummaries(_store, context, summarizer, options.Value.Sessions.Summaries, logger);
        _indexing = new ConversationIndexing(_store, _life, context, options.Value.Sessions.Search, logger);
        _worker = new TurnWorker(_store, _life, _summaries, _indexing, context, planner, admission, runner, running, options.Value.Logging, time, logger);
        _turns = new SessionTurns(_store, context, planner, admission, _worker, running, time, logger);
        _lookup = new TurnLookup(_store, _turns);
        _editing = new SessionEditing(_store, _guard, time);
        _removal = new SessionRemoval(_store, _life, _listing, _indexing, _summaries, _worker, context);
    }

    private SessionState Head => _store.Head;

    /// <inheritdoc/>
    public async ValueTask ActivateAsync(CancellationToken cancellationToken)
    {
        if (Head.Deleting)
        {
            await _removal.ClearAsync(cancellationToken);
        }
        else
        {
            await _listing.WithdrawAsync(cancellationToken);
            await _turns.RecoverAsync(cancellationToken);
        }

        _indexing.Begin();
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

        await _summaries.StopAsync();
        await _indexing.SettleAsync().WaitAsync(cancellationToken).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken)
    {
        if (Head.Owner is not null)
            return await DescribeAsync(caller, SessionScope.ActivePath, cancellationToken);

        _editing.Begin(caller, settings);
        await _life.ScheduleAsync(cancellationToken);
        await _store.FlushAsync();
        return await ShowAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> ImportAsync(ApiKey caller, SessionImport exported, CancellationToken cancellationToken)
    {
        if (Head.Owner is not null)
            return await DescribeAsync(caller, SessionScope.Settings, cancellationToken);

        var messages = exported.Place(default, _store.Messages.Log.Limits, out var leaf);
        _editing.Begin(caller, exported.Settings);
        await _worker.Register.AddAsync(_store.Id, _store.Id, cancellationToken);
        await _life.ScheduleAsync(cancellationToken);
        await _store.ImportAsync(messages, leaf);
        _indexing.Begin();
        await _worker.Register.RemoveAsync(_store.Id, _store.Id, cancellationToken);
        return await ShowAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> ReadPathAsync(ApiKey caller, MessageRange range, CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
        var view = await SessionViews.OfAsync(_store, range, cancellationToken);
        _guard.CheckSees(caller);
        return view;
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
        var view = await SessionViews.OfAsync(_store, scope, cancellationToken);

        // The session may have been deleted while its pages were read.
        _guard.CheckSees(caller);
        return view;
    }

    /// <inheritdoc/>
    public async ValueTask<SessionMatchList> QuoteAsync(ApiKey caller, SessionQuotation quotation, CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
        var quoted = await ConversationQuoting.QuoteAsync(_store, quotation);
        _guard.CheckSees(caller);
        return quoted;
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken)
    {
        _guard.CheckOwns(caller);
        await _editing.ChangeAsync(caller, changes, cancellationToken);
        await _store.FlushAsync();
        await _indexing.SettleAsync();
        await _listing.WithdrawAsync(cancellationToken);
        _indexing.Begin();
        return await ShowAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken)
    {
        _guard.CheckOwns(caller);
        if (_turns.Current is { } running)
            await running.CancelAsync();

        await _worker.Work;
        await _removal.RemoveAsync(cancellationToken);
        _counts.CountRemoved();
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> RecordAsync(ApiKey caller, RecordedResponse response, CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
        _guard.CheckIdle();
        await _responses.RecordAsync(response, cancellationToken);
        _listing.Refresh();
        _indexing.Begin();
        return await SessionViews.OfAsync(_store, SessionScope.Settings, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionView> ReadResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
        var path = await _responses.PathAsync(responseId, cancellationToken);
        _guard.CheckSees(caller);
        return SessionViews.Of(_store, path);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken)
    {
        _guard.CheckOwns(caller);
        _guard.CheckIdle();
        var (answerId, isLast) = await _responses.DeleteAsync(responseId, cancellationToken);
        if (isLast)
            await DeleteAsync(caller, cancellationToken);
        else
            await _indexing.ForgetAsync(answerId);
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
        if (request.Message.Length == 0)
            throw RequestException.Invalid("message", "The message is empty.", "Send a message of one character at least.");

        if (request.ClientTurnId is { } clientTurnId && await _lookup.FindByClientIdAsync(clientTurnId) is { } known)
            return known;

        _guard.CheckIdle();
        var begun = await _turns.BeginAsync(caller, request, cancellationToken);
        _listing.Refresh();
        return begun;
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
        _guard.CheckIdle();
        var record = await _lookup.RecordAsync(turnId);
        var question = await _store.Messages.Log.FindAsync(record.UserMessageId) ?? throw RequestException.NotFound("message", record.UserMessageId);
        var begun = await _turns.BeginAgainAsync(caller, model ?? record.Model, question, cancellationToken);
        _listing.Refresh();
        return begun;
    }

    /// <inheritdoc/>
    public ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
        return _lookup.GetAsync(turnId);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<TurnEvent> ReadTurnAsync(ApiKey caller, string turnId, long after, CancellationToken cancellationToken)
    {
        // A refusal is the first thing that is read, as of any sequence.
        var current = _guard.Sees(caller) ? _lookup.ReadCurrent(turnId, after) : null;
        return current ?? ReadStoredAsync(caller, turnId, after, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
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

        await _indexing.CatchUpAsync();
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
            await _removal.RemoveAsync(cancellationToken);
            _counts.CountExpired();
            return true;
        }

        if (Head.Open is null)
            await _store.DropLogsAsync();

        await _indexing.CatchUpAsync();
        await _life.ScheduleAsync(cancellationToken);
        await _store.FlushAsync();
        return false;
    }

    private async IAsyncEnumerable<TurnEvent> ReadStoredAsync(
        ApiKey caller, string turnId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _guard.CheckSees(caller);
        foreach (var shown in await _lookup.ReadStoredAsync(turnId, after))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return shown;
        }
    }

    private async ValueTask<SessionView> ShowAsync(CancellationToken cancellationToken)
    {
        CountLive();
        await _listing.PutAsync(cancellationToken);
        return await SessionViews.OfAsync(_store, SessionScope.Settings, cancellationToken);
    }

    private void CountLive()
    {
        if (_isCounted || Head.Owner is null)
            return;

        _isCounted = true;
        _counts.CountLive(1);
    }
}
