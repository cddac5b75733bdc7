using System.Text;

namespace OrleansChat.Core.Turns;

/// <summary>
/// Tokens of a text without its model's tokenizer. Two questions, two answers: what it can be at most, which is reserved, and what it
/// probably is, which fills a window and is billed where the upstream gives no usage.
/// </summary>
public static class TokenEstimate
{
    /// <summary>What a message costs beside its text: the role and the marks around it (OpenAI's cookbook counts 3 to 4).</summary>
    public const int PerMessage = 4;

    private const int LettersPerToken = 4;

    /// <summary>Nearly all tokens of words are shorter.</summary>
    private const int LongestToken = 16;

    /// <summary>
    /// An upper bound: byte-level BPE (the tokenizers of GPT, Llama 3, Claude and Qwen) makes no token from less than a byte.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>Its length in UTF-8 bytes.</returns>
    public static long UpperBound(string text) => Encoding.UTF8.GetByteCount(text);

    /// <summary>
    /// A count that is close for prose and code: a token for every four ASCII letters or digits of a word, one for every other ASCII mark
    /// outside white space, and one for every other character outside ASCII.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>Tokens, 0 for an empty text, never above <see cref="UpperBound"/>.</returns>
    public static long Count(string text)
    {
        var tokens = 0L;
        var letters = 0;
        foreach (var character in text)
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                letters++;
                continue;
            }

            tokens += Words(letters);
            letters = 0;
            // White space joins the word after it; the second half of a surrogate pair belongs to the first.
            if (!char.IsWhiteSpace(character) && !char.IsLowSurrogate(character))
                tokens++;
        }

        return tokens + Words(letters);
    }

    /// <summary>
    /// The tokens of a piece of a stream. Most servers send one token at a time, so a piece is one as long as it can be; others, such as Anthropic's, send
    /// several words in one, which are counted as text.
    /// </summary>
    /// <param name="piece">The piece.</param>
    /// <returns>Tokens, 0 for an empty piece.</returns>
    public static long CountPiece(string piece) => piece.Length == 0 ? 0 : MayBeOneToken(piece) ? 1 : Math.Max(1, Count(piece));

    /// <summary>White space begins a token or is one; it is in the middle of none (GPT's, Llama's and Qwen's tokenizers split there first).</summary>
    private static bool MayBeOneToken(ReadOnlySpan<char> piece)
    {
        if (piece.Length > LongestToken)
            return piece.IsWhiteSpace();

        foreach (var character in piece.Trim())
        {
            if (char.IsWhiteSpace(character))
                return false;
        }

        return true;
    }

    private static int Words(int letters) => (letters + LettersPerToken - 1) / LettersPerToken;
}
