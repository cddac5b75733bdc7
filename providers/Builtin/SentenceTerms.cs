using OrleansChat.Core.Search.Analysis;

namespace OrleansChat.Providers.Builtin;

/// <summary>The terms by which a sentence and a question are compared: stemmed words without stop words, as search sees them.</summary>
internal static class SentenceTerms
{
    /// <summary>The distinct terms of a text.</summary>
    public static HashSet<string> Of(string text)
    {
        var terms = new TermBuffer();
        EnglishAnalyzer.Instance.Analyze(text, terms);
        return [.. terms.ToArray()];
    }
}
