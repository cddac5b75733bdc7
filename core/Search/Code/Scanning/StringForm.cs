namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>How one string literal ends.</summary>
/// <param name="Closer">What closes it.</param>
/// <param name="Escapes">Whether a backslash takes the next character's meaning.</param>
/// <param name="DoubledQuote">Whether the closer twice is one character of the text.</param>
/// <param name="IsMultiLine">Whether it goes on over the end of a line.</param>
/// <param name="HoleOpener">What opens code within it; null when nothing does.</param>
internal readonly record struct StringForm(
    string Closer, bool Escapes, bool DoubledQuote = false, bool IsMultiLine = false, string? HoleOpener = null)
{
    /// <summary>A character or a string on one line, with escapes.</summary>
    public static StringForm Quoted(char quote) => new(quote.ToString(), Escapes: true);
}
