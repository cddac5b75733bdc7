using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Lexical;

namespace OrleansChat.Core.Sessions.Search;

/// <summary>
/// Which sessions a query finds: those where each of its words occurs, in the title or in what was said in any of the turns. A title has a word where it holds
/// its characters; a text has it where it has all terms of the word, so in other forms too. Stop words are found in every text.
/// </summary>
internal sealed class ConversationHits
{
    /// <summary>Terms that are told apart; a query of more is only held to these in texts.</summary>
    private const int MaxTerms = 64;

    private readonly ConversationPostings _postings;
    private readonly List<(string Text, ulong Terms)> _words = [];
    private readonly ulong[] _termsOfSlot;

    public ConversationHits(ConversationPostings postings, string? query)
    {
        _postings = postings;
        var terms = new List<string>();
        foreach (var word in (query ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            _words.Add((word, Number(word, terms)));

        _termsOfSlot = new ulong[terms.Count == 0 ? 0 : postings.SlotCount];
        for (var term = 0; term < terms.Count; term++)
        {
            foreach (var posting in postings.Find(terms[term]))
                _termsOfSlot[PostingList.SlotOf(posting)] |= 1UL << term;
        }
    }

    /// <summary>Whether the query finds a session.</summary>
    public bool Finds(SessionLine line)
    {
        ulong said = 0;
        var slots = _postings.SlotsOf(line.Id);
        if (_termsOfSlot.Length > 0)
        {
            foreach (var slot in slots)
                said |= _termsOfSlot[slot];
        }

        foreach (var (text, terms) in _words)
        {
            var isSaid = slots.Count > 0 && (said & terms) == terms;
            if (!isSaid && line.Title?.Contains(text, StringComparison.OrdinalIgnoreCase) is not true)
                return false;
        }

        return true;
    }

    /// <summary>A session's turns with words of the query: those with most of them, of equals the newest.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="limit">Turns at most.</param>
    /// <returns>Their messages.</returns>
    public IReadOnlyList<string> Best(string sessionId, int limit) => _termsOfSlot.Length == 0 ? [] :
    [
        .. _postings.SlotsOf(sessionId)
            .Where(slot => _termsOfSlot[slot] != 0)
            .Select(slot => (Terms: ulong.PopCount(_termsOfSlot[slot]), MessageId: _postings.MessageOf(slot)))
            .OrderByDescending(turn => turn.Terms)
            .ThenByDescending(turn => turn.MessageId, StringComparer.Ordinal)
            .Take(limit)
            .Select(turn => turn.MessageId),
    ];

    private static ulong Number(string word, List<string> terms)
    {
        var found = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(word, found);
        ulong mask = 0;
        foreach (var term in found.ToArray())
        {
            var number = terms.IndexOf(term);
            if (number < 0 && terms.Count < MaxTerms)
            {
                number = terms.Count;
                terms.Add(term);
            }

            if (number >= 0)
                mask |= 1UL << number;
        }

        return mask;
    }
}
