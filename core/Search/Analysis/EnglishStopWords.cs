using System.Collections.Frozen;

namespace OrleansChat.Core.Search.Analysis;

/// <summary>The 33 English stop words that Lucene has used by default since its first releases.</summary>
public static class EnglishStopWords
{
    private static readonly FrozenSet<string> Words = FrozenSet.ToFrozenSet(
    [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or",
        "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
    ], StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        Words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether <paramref name="word"/>, in lower case, is a stop word.</summary>
    public static bool Contains(ReadOnlySpan<char> word) => BySpan.Contains(word);
}
