namespace OrleansChat.Core.Search.Trials;

/// <summary>A question whose answer is known: some words out of the middle of a passage ask for that passage.</summary>
public static class TrialQuestion
{
    private const int Words = 12;

    // Shorter passages are hardly more than the question.
    private const int LeastWords = 2 * Words;

    /// <summary>Asks for a passage.</summary>
    /// <param name="text">The passage's text.</param>
    /// <returns>The question; null when the passage is too short to ask for.</returns>
    public static string? For(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length < LeastWords ? null : string.Join(' ', words, (words.Length - Words) / 2, Words);
    }
}
