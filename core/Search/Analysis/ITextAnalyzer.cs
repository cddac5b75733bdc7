namespace OrleansChat.Core.Search.Analysis;

/// <summary>
/// Turns text into index terms. Passages and queries of a collection go through the same analyzer.
/// Implementations are stateless and safe for concurrent use.
/// </summary>
public interface ITextAnalyzer
{
    /// <summary>Appends the terms of <paramref name="text"/>, in order and with repetitions, to <paramref name="terms"/>.</summary>
    /// <param name="text">Any UTF-16, also ill-formed.</param>
    /// <param name="terms">Where the terms go; what it holds already stays.</param>
    void Analyze(ReadOnlySpan<char> text, TermBuffer terms);
}
