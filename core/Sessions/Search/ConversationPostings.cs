using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Lexical;

namespace OrleansChat.Core.Sessions.Search;

/// <summary>
/// The words of turns in memory: which turns have a word, and which turns a session has. The texts themselves are not kept. For one
/// scheduler at a time.
/// </summary>
internal sealed class ConversationPostings
{
    /// <summary>Forgotten turns that are worth a copy of the rest.</summary>
    private const int CompactionSlack = 1024;

    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> _sessions = new(StringComparer.Ordinal);
    private PostingTable _table = new();
    private List<Entry> _entries = [];

    /// <summary>Slots in use, with those of forgotten turns.</summary>
    public int SlotCount => _entries.Count;

    /// <summary>Turns that can be found.</summary>
    public int Count => _slots.Count;

    /// <summary>Whether a turn is there.</summary>
    public bool Contains(string messageId) => _slots.ContainsKey(messageId);

    /// <summary>Adds a turn that is not there.</summary>
    /// <param name="sessionId">Its session.</param>
    /// <param name="messageId">Its message.</param>
    /// <param name="page">Where its text is stored.</param>
    /// <param name="terms">Its terms.</param>
    public void Add(string sessionId, string messageId, int page, TermBuffer terms)
    {
        var slot = _entries.Count;
        _entries.Add(new Entry(sessionId, messageId, page));
        _slots.Add(messageId, slot);
        _table.Add(_table.Resolve(terms), slot);

        if (!_sessions.TryGetValue(sessionId, out var slots))
            _sessions.Add(sessionId, slots = []);

        slots.Add(slot);
    }

    /// <summary>Forgets a turn; an unknown one changes nothing.</summary>
    public void Remove(string messageId)
    {
        if (!_slots.Remove(messageId, out var slot))
            return;

        var session = _entries[slot].SessionId;
        _entries[slot] = default;
        var slots = _sessions[session];
        slots.Remove(slot);
        if (slots.Count == 0)
            _sessions.Remove(session);

        if (_entries.Count - _slots.Count > CompactionSlack + _slots.Count)
            Compact();
    }

    /// <summary>The turns of a session with the page of each.</summary>
    public IReadOnlyList<(string MessageId, int Page)> Of(string sessionId) =>
        _sessions.TryGetValue(sessionId, out var slots) ? [.. slots.Select(slot => (_entries[slot].MessageId, _entries[slot].Page))] : [];

    /// <summary>The page of a turn; null for an unknown one.</summary>
    public int? PageOf(string messageId) => _slots.TryGetValue(messageId, out var slot) ? _entries[slot].Page : null;

    /// <summary>The slots of a session.</summary>
    public IReadOnlyList<int> SlotsOf(string sessionId) => _sessions.TryGetValue(sessionId, out var slots) ? slots : [];

    /// <summary>The message of a slot.</summary>
    public string MessageOf(int slot) => _entries[slot].MessageId;

    /// <summary>The postings of a term, those of forgotten turns among them.</summary>
    public ReadOnlySpan<uint> Find(ReadOnlySpan<char> term) => _table.Find(term) is { } list ? _table.Read(list, _entries.Count) : [];

    private void Compact()
    {
        var kept = new List<Entry>(_slots.Count);
        var numbers = new int[_entries.Count];
        foreach (var slots in _sessions.Values)
            slots.Clear();

        for (var slot = 0; slot < numbers.Length; slot++)
        {
            if (_entries[slot].MessageId is not { } messageId)
            {
                numbers[slot] = -1;
                continue;
            }

            numbers[slot] = kept.Count;
            _slots[messageId] = kept.Count;
            _sessions[_entries[slot].SessionId].Add(kept.Count);
            kept.Add(_entries[slot]);
        }

        _table = _table.Renumber(numbers);
        _entries = kept;
    }

    private readonly record struct Entry(string SessionId, string MessageId, int Page);
}
