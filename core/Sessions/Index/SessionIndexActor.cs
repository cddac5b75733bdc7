using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Sessions;

/// <summary>
/// Keeps the order in memory and the lines in pages. A session keeps its place, so a change rewrites the one page that holds it,
/// however many sessions there are, and nothing needs compaction.
/// </summary>
/// <param name="state">How many pages there are.</param>
/// <param name="context">The activation.</param>
/// <param name="options">Whether what was said is searched.</param>
public sealed class SessionIndexActor(IActorState<SessionIndexState> state, IActorContext context, IOptions<OrleansChatOptions> options)
    : ISessionIndexActor, IActorLifecycle
{
    private const int LinesPerPage = 64;
    private const int MaxLimit = 200;
    private const int ReadsAtOnce = 64;
    private const int MatchesPerSession = 3;

    private static readonly (int Lines, int Texts) Unsaved = (-1, -1);

    private readonly SessionOrder _order = new();
    private readonly List<IActorState<SessionIndexPage>> _pages = [];
    private readonly Stack<int> _free = [];
    private readonly HashSet<int> _changed = [];
    private (int Lines, int Texts) _savedPages = (state.Value.Pages, state.Value.TextPages);
    private StateFlush? _flush;
    private ConversationTexts? _texts;

    private StateFlush Flush => _flush ??= new StateFlush(SaveAsync, context.Deactivate);

    private ConversationTexts Texts => _texts ??= new ConversationTexts(context, state.Value, ProveAsync);

    /// <inheritdoc/>
    public async ValueTask ActivateAsync(CancellationToken cancellationToken)
    {
        while (_pages.Count < state.Value.Pages)
        {
            var count = Math.Min(ReadsAtOnce, state.Value.Pages - _pages.Count);
            var reads = Enumerable.Range(_pages.Count, count).Select(page => OpenAsync(page, cancellationToken));
            _pages.AddRange(await Task.WhenAll(reads));
        }

        for (var page = 0; page < _pages.Count; page++)
            Load(page, _pages[page].Value.Lines);
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(SessionLine line, CancellationToken cancellationToken)
    {
        await PlaceAsync(line, cancellationToken);
        await Flush.FlushAsync();
    }

    /// <inheritdoc/>
    public async ValueTask PutTurnsAsync(SessionLine line, ConversationTurnList turns, CancellationToken cancellationToken)
    {
        Texts.BeginChange();
        try
        {
            await Texts.PutAsync(line.Id, turns.Items);
            await PlaceAsync(line, cancellationToken);
            await Flush.FlushAsync();
        }
        finally
        {
            Texts.EndChange();
        }
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(string sessionId, CancellationToken cancellationToken)
    {
        Texts.BeginChange();
        try
        {
            await Texts.RemoveAsync(sessionId);
            if (_order.PlaceOf(sessionId) is { } place)
            {
                Set(place, null);
                _order.Remove(sessionId);
                _free.Push(place);
            }

            await Flush.FlushAsync();
        }
        finally
        {
            Texts.EndChange();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SessionPage> ListAsync(int limit, string? cursor, string? query, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            throw RequestException.Invalid("limit", $"The limit is {limit}, but must be from 1 to {MaxLimit}.", $"Send a limit from 1 to {MaxLimit}.");

        var hits = await FindAsync(query);
        var found = _order.After(cursor is null ? null : SessionCursor.Parse(cursor)).Where(hits.Finds).Take(limit + 1).ToList();
        var more = found.Count > limit;
        if (more)
            found.RemoveAt(limit);

        return new SessionPage([.. found.Select(line => WithMatches(line, hits))], more ? SessionCursor.Of(found[^1]).ToString() : null);
    }

    private ValueTask<ConversationHits> FindAsync(string? query) =>
        options.Value.Sessions.Search && !string.IsNullOrWhiteSpace(query)
            ? Texts.FindAsync(query)
            : ValueTask.FromResult(new ConversationHits(new ConversationPostings(), query));

    private static SessionLine WithMatches(SessionLine line, ConversationHits hits) =>
        hits.Best(line.Id, MatchesPerSession) is { Count: > 0 } best
            ? line with { Matches = [.. best.Select(messageId => new SessionMatch { MessageId = messageId })] }
            : line;

    private async ValueTask PlaceAsync(SessionLine line, CancellationToken cancellationToken)
    {
        int place;
        while (!TryPlace(line.Id, out place))
            await AddPageAsync(cancellationToken);

        Set(place, line);
        _order.Put(line, place);
    }

    private void Load(int page, List<SessionLine?> lines)
    {
        for (var slot = 0; slot < LinesPerPage; slot++)
        {
            var place = (page * LinesPerPage) + slot;
            if (slot < lines.Count && lines[slot] is { } line)
                _order.Put(line, place);
            else
                _free.Push(place);
        }
    }

    private bool TryPlace(string id, out int place)
    {
        if (_order.PlaceOf(id) is not { } known)
            return _free.TryPop(out place);

        place = known;
        return true;
    }

    private async ValueTask AddPageAsync(CancellationToken cancellationToken)
    {
        var number = _pages.Count;
        var added = await OpenAsync(number, cancellationToken);
        if (number != _pages.Count)
            return;

        if (added.Exists)
        {
            // It is left from an index that was longer once, or from a write that died, unless another activation owns the index by now.
            await ProveAsync();
            if (number != _pages.Count)
                return;
        }

        added.Value = new SessionIndexPage();
        _pages.Add(added);
        state.Value.Pages = _pages.Count;
        Load(_pages.Count - 1, added.Value.Lines);
    }

    private async Task<IActorState<SessionIndexPage>> OpenAsync(int page, CancellationToken cancellationToken) =>
        await context.OpenStateAsync<SessionIndexPage>($"pages/{page}", cancellationToken);

    private void Set(int place, SessionLine? line)
    {
        var lines = _pages[place / LinesPerPage].Value.Lines;
        while (lines.Count <= place % LinesPerPage)
            lines.Add(null);

        lines[place % LinesPerPage] = line;
        _changed.Add(place / LinesPerPage);
    }

    /// <summary>Fails where another activation owns the index: it has written the head since.</summary>
    private Task ProveAsync()
    {
        _savedPages = Unsaved;
        return Flush.FlushAsync();
    }

    private async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        var saves = _changed.Select(page => _pages[page].SaveAsync(cancellationToken).AsTask()).ToList();
        _changed.Clear();
        saves.AddRange(Texts.Save(cancellationToken));

        // A page that the head does not name yet is not read back, so the flush acknowledges it together with the head.
        if (_savedPages != (state.Value.Pages, state.Value.TextPages))
        {
            _savedPages = (state.Value.Pages, state.Value.TextPages);
            saves.Add(state.SaveAsync(cancellationToken).AsTask());
        }

        await Task.WhenAll(saves);
    }
}
