using System.Text.RegularExpressions;

namespace OrleansChat.Core.Turns.Commands;

/// <summary>
/// Reads what a message wants, before any model sees it. A command is a message's first word; plain language that reads like one is only told
/// so, since a model that is asked in vain costs less than a question that never reaches it.
/// </summary>
public static partial class IntentReader
{
    /// <summary>Reads a message.</summary>
    /// <param name="message">The message.</param>
    /// <returns>What it wants.</returns>
    public static Intent Read(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var text = message.AsSpan().Trim();
        var end = text.IndexOfAny(" \t\r\n");
        var word = end < 0 ? text : text[..end];
        var argument = end < 0 ? "" : text[end..].Trim().ToString();
        return word switch
        {
            "/search" => new Intent(IntentKind.Search, 1, argument),
            "/code" => new Intent(IntentKind.Code, 1, argument),
            "/usage" => new Intent(IntentKind.Usage, 1, argument),
            "/help" => new Intent(IntentKind.Help, 1, argument),
            _ => Guess(message),
        };
    }

    private static Intent Guess(string message)
    {
        // Long messages hold the words of all commands sooner or later; and what is short needs no limit on the time to match it.
        const int Longest = 200;
        if (message.Length > Longest)
            return Intent.Question;
        if (Usage().IsMatch(message))
            return new Intent(IntentKind.Usage, 0.7);
        if (Help().IsMatch(message))
            return new Intent(IntentKind.Help, 0.7);
        if (Code().IsMatch(message))
            return new Intent(IntentKind.Code, 0.6);
        return Search().IsMatch(message) ? new Intent(IntentKind.Search, 0.6) : Intent.Question;
    }

    [GeneratedRegex(@"\bhow (much|many)\b.*\b(i|we|my|our)\b.*\b(spent|spend|used|budget|tokens)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Usage();

    [GeneratedRegex(@"^\s*(help|what can you do|which commands)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Help();

    [GeneratedRegex(@"\b(who calls|where is|find)\b.*\b(class|method|function|interface|symbol)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [GeneratedRegex(@"^\s*(search|look) (for|up|in)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Search();
}
