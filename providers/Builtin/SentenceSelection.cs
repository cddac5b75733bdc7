using OrleansChat.Core.Turns;

namespace OrleansChat.Providers.Builtin;

/// <summary>A sentence chosen from a passage.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Text">The sentence as it stands there.</param>
internal sealed record Quotation(Passage Passage, string Text);

/// <summary>
/// Chooses the sentences that answer a question best: those that share its rarer terms, the better-ranked passage first among equals, and
/// none that repeats another. Deterministic.
/// </summary>
internal static class SentenceSelection
{
    /// <summary>Sentences quoted at most.</summary>
    public const int MaxQuotations = 4;

    private const int MaxFromOnePassage = 2;

    /// <summary>What being a passage further down the ranking costs, as a share of the score.</summary>
    private const double RankDecay = 0.15;

    /// <summary>Two sentences that share this much of their terms say the same.</summary>
    private const double SameFrom = 0.6;

    /// <summary>A sentence that scores less than this share of the best one says something else.</summary>
    private const double MinShareOfBest = 0.5;

    /// <summary>The quotations, those of the best passage first, and those of one passage in the order of its text.</summary>
    public static IReadOnlyList<Quotation> Select(string question, IReadOnlyList<Passage> passages)
    {
        var asked = SentenceTerms.Of(question);
        var sentences = passages
            .SelectMany((passage, rank) => SentenceSplitter.Split(passage.Text)
                .Select((text, position) => new Candidate(passage, rank, position, text, SentenceTerms.Of(text))))
            .ToList();

        var rarity = asked.ToDictionary(term => term, term => Rarity(sentences, term));
        var chosen = new List<Candidate>();
        var least = 0.0;
        foreach (var (candidate, score) in sentences
            .Select(candidate => (Candidate: candidate, Score: Score(candidate, rarity)))
            .OrderByDescending(scored => scored.Score).ThenBy(scored => scored.Candidate.Rank).ThenBy(scored => scored.Candidate.Position))
        {
            // When nothing matches, the best passage's opening is still the best guess.
            if (chosen.Count == MaxQuotations || (chosen.Count > 0 && (score <= 0 || score < least)))
                break;
            least = Math.Max(least, score * MinShareOfBest);
            if (chosen.Count(c => c.Rank == candidate.Rank) < MaxFromOnePassage && !chosen.Exists(c => Overlap(c.Terms, candidate.Terms) >= SameFrom))
                chosen.Add(candidate);
        }

        return
        [
            .. chosen
                .OrderBy(candidate => chosen.FindIndex(best => best.Rank == candidate.Rank))
                .ThenBy(candidate => candidate.Position)
                .Select(candidate => new Quotation(candidate.Passage, candidate.Text)),
        ];
    }

    private static double Score(Candidate candidate, Dictionary<string, double> rarity)
        => candidate.Terms.Sum(term => rarity.GetValueOrDefault(term)) / (1 + (RankDecay * candidate.Rank));

    /// <summary>Inverse document frequency over the sentences, in BM25's form, so that a term in all of them decides little.</summary>
    private static double Rarity(List<Candidate> sentences, string term)
    {
        var holders = sentences.Count(sentence => sentence.Terms.Contains(term));
        return Math.Log(1 + ((sentences.Count - holders + 0.5) / (holders + 0.5)));
    }

    private static double Overlap(HashSet<string> left, HashSet<string> right)
    {
        var shared = left.Count(right.Contains);
        var all = left.Count + right.Count - shared;
        return all == 0 ? 1 : (double)shared / all;
    }

    private sealed record Candidate(Passage Passage, int Rank, int Position, string Text, HashSet<string> Terms);
}
