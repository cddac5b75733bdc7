using OrleansChat.Core.Actors;
using OrleansChat.Core.Search.Analysis;

namespace OrleansChat.Core.Sessions.Search;

/// <summary>
/// What was said in the sessions of one list, to be searched: texts in stored pages, their words in memory once they are needed. A page is
/// rewritten when a turn joins or leaves it, so its size bounds what one turn costs. Used on the list's own scheduler.
/// </summary>
/// <param name="context">The list's activation.</param>
/// <param name="head">Names the number of pages.</param>
/// <param name="prove">Fails where this activation does not own the list any more.</param>
internal sealed class ConversationTexts(IActorContext context, SessionIndexState head, Func<Task> prove)
{
    private const int ReadsAtOnce = 32;

    /// <summary>Characters at which a page takes no further turn.</summary>
    private const int PageCharacters = 16_384;

    private readonly ConversationPostings _postings = new();
    private readonly List<int> _sizes = [];
    private readonly Dictionary<int, Task<IActorState<ConversationPage>>> _open = [];
    private readonly Dictionary<int, IActorState<ConversationPage>> _changed = [];
    private readonly HashSet<int> _added = [];
    private int _changing;
    private Task? _loading;

    /// <summary>Puts turns of a session in memory and on their pages; the caller flushes. Those that are known stay as they are.</summary>
    public async ValueTask PutAsync(string sessionId, IReadOnlyList<ConversationTurn> turns)
    {
        await LoadAsync();
        foreach (var forgotten in turns.Where(turn => turn.Text.Length == 0))
            await RemoveAsync(() => _postings.PageOf(forgotten.MessageId) is { } page ? [(forgotten.MessageId, page)] : []);

        var said = turns.Where(turn => turn.Text.Length > 0 && !_postings.Contains(turn.MessageId)).ToList();
        if (said.Count == 0)
            return;

        var terms = await AnalyzeAsync(said.Select(turn => turn.Text));
        var (number, page) = await OpenFillingAsync();
        for (var i = 0; i < said.Count; i++)
        {
            if (_postings.Contains(said[i].MessageId))
                continue;

            page.Value.Turns.Add(new StoredConversationTurn(sessionId, said[i].MessageId, said[i].Text));
            _postings.Add(sessionId, said[i].MessageId, number, terms[i]);
            _sizes[number] += said[i].Text.Length;
        }

        _changed[number] = page;
    }

    /// <summary>Forgets a session in memory and on its pages; the caller flushes.</summary>
    public async ValueTask RemoveAsync(string sessionId)
    {
        if (head.TextPages == 0 && _sizes.Count == 0)
            return;

        await LoadAsync();
        await RemoveAsync(() => _postings.Of(sessionId));
    }

    /// <summary>What a query finds.</summary>
    public async ValueTask<ConversationHits> FindAsync(string? query)
    {
        await LoadAsync();
        return new ConversationHits(_postings, query);
    }

    /// <summary>Begins a change. Pages that are opened stay in memory until <see cref="EndChange"/>.</summary>
    public void BeginChange() => _changing++;

    /// <summary>Ends a change, which has been flushed; pages that nobody changes are dropped from memory.</summary>
    public void EndChange()
    {
        if (--_changing > 0)
            return;

        foreach (var page in _open.Keys.Where(page => !_changed.ContainsKey(page)).ToList())
            _open.Remove(page);
    }

    /// <summary>Writes the pages that were changed, as they are at the call.</summary>
    /// <returns>The writes under way.</returns>
    public List<Task> Save(CancellationToken cancellationToken)
    {
        var saves = _changed.Values.Select(page => page.SaveAsync(cancellationToken).AsTask()).ToList();
        _changed.Clear();
        return saves;
    }

    private static Task<TermBuffer[]> AnalyzeAsync(IEnumerable<string> texts) => Task.Run(() => texts.Select(text =>
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(text, terms);
        return terms;
    }).ToArray());

    private Task LoadAsync()
    {
        if (_loading is null || _loading.IsFaulted)
            _loading = ReadAsync();

        return _loading;
    }

    private async Task ReadAsync()
    {
        for (var first = _sizes.Count; first < head.TextPages; first = _sizes.Count)
        {
            var numbers = Enumerable.Range(first, Math.Min(ReadsAtOnce, head.TextPages - first));
            var pages = await Task.WhenAll(numbers.Select(number => context.OpenStateAsync<ConversationPage>(Name(number), CancellationToken.None).AsTask()));
            var turns = pages.SelectMany((page, i) => page.Value.Turns.Select(turn => (Turn: turn, Page: first + i))).ToList();
            var terms = await AnalyzeAsync(turns.Select(entry => entry.Turn.Text));
            for (var i = 0; i < turns.Count; i++)
            {
                // An activation that did not know yet that it had been replaced may have written the turn too.
                if (!_postings.Contains(turns[i].Turn.MessageId))
                    _postings.Add(turns[i].Turn.SessionId, turns[i].Turn.MessageId, turns[i].Page, terms[i]);
            }

            _sizes.AddRange(pages.Select(page => page.Value.Turns.Sum(turn => turn.Text.Length)));
        }
    }

    /// <summary>The page that the next turn goes to: the newest that has room, a new one if there is none.</summary>
    private int Filling()
    {
        var page = _sizes.FindLastIndex(size => size < PageCharacters);
        if (page >= 0)
            return page;

        _sizes.Add(0);
        _added.Add(_sizes.Count - 1);
        return _sizes.Count - 1;
    }

    private async ValueTask<(int Number, IActorState<ConversationPage> Page)> OpenFillingAsync()
    {
        while (true)
        {
            var number = Filling();
            var page = await OpenAsync(number);

            // A new page that exists is left from a list that said more once, or from a write that died, unless another activation owns the list.
            if (page.Exists && _added.Contains(number))
                await prove();

            if (number != Filling())
                continue;

            if (_added.Remove(number))
            {
                page.Value = new ConversationPage();
                head.TextPages = Math.Max(head.TextPages, number + 1);
            }

            return (number, page);
        }
    }

    private async ValueTask RemoveAsync(Func<IReadOnlyList<(string MessageId, int Page)>> find)
    {
        // Whatever joins while pages are read is found by the next round.
        var pages = new Dictionary<int, IActorState<ConversationPage>>();
        while (find().FirstOrDefault(turn => !pages.ContainsKey(turn.Page)) is { MessageId: not null } missing)
            pages[missing.Page] = await OpenAsync(missing.Page);

        foreach (var turns in find().GroupBy(turn => turn.Page, turn => turn.MessageId))
        {
            var gone = turns.ToHashSet(StringComparer.Ordinal);
            var stored = pages[turns.Key].Value.Turns;
            _sizes[turns.Key] -= stored.Where(turn => gone.Contains(turn.MessageId)).Sum(turn => turn.Text.Length);
            stored.RemoveAll(turn => gone.Contains(turn.MessageId));
            _changed[turns.Key] = pages[turns.Key];
            foreach (var messageId in gone)
                _postings.Remove(messageId);
        }
    }

    private Task<IActorState<ConversationPage>> OpenAsync(int number)
    {
        if (!_open.TryGetValue(number, out var page) || page.IsFaulted)
            _open[number] = page = context.OpenStateAsync<ConversationPage>(Name(number), CancellationToken.None).AsTask();

        return page;
    }

    private static string Name(int number) => $"texts/{number}";
}
