using System.Buffers;
using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace OrleansChat.Core.Search.Code.Finding;

/// <summary>A question about code, understood by its words: what it is after, and which names it holds.</summary>
/// <param name="Intent">What it is after.</param>
/// <param name="Symbols">The names.</param>
internal sealed partial record CodeQuestion(CodeIntent Intent, IReadOnlyList<SymbolName> Symbols)
{
    private const int MaxSymbols = 4;

    private static readonly SearchValues<char> IdentifierSigns = SearchValues.Create("_.:#$>");

    private static readonly FrozenSet<string> UsageWords = Set(
        "usage", "usages", "use", "uses", "used", "using", "caller", "callers", "call", "calls", "called", "reference", "references", "invoke", "invokes", "invoked", "invocations");

    private static readonly FrozenSet<string> DefinitionWords = Set(
        "define", "defined", "defines", "definition", "declare", "declared", "declaration", "implemented", "implementation", "find", "show", "locate");

    private static readonly FrozenSet<string> ExplanationWords = Set("how", "why", "explain", "explanation", "understand", "describe");

    private static readonly FrozenSet<string> FillWords = Set(
        "a", "an", "and", "are", "at", "by", "class", "code", "do", "does", "for", "from", "function", "go", "i", "in", "interface", "is", "it", "me", "method", "of", "on",
        "or", "struct", "symbol", "that", "the", "there", "this", "to", "type", "was", "we", "what", "where", "which", "who", "with");

    /// <summary>Understands a question.</summary>
    public static CodeQuestion Read(string query)
    {
        var words = Tokens().Matches(query);
        var symbols = new List<SymbolName>();
        var plain = new List<string>();
        bool usage = false, definition = false, explanation = false;
        foreach (Match word in words)
        {
            var text = word.Groups["name"].Value;
            var isMarked = word.Groups["mark"].Success || word.Groups["call"].Success;
            var lower = text.ToLowerInvariant();
            if (!isMarked && words.Count > 1 && (UsageWords.Contains(lower) || DefinitionWords.Contains(lower) || ExplanationWords.Contains(lower)))
            {
                usage |= UsageWords.Contains(lower);
                definition |= DefinitionWords.Contains(lower);
                explanation |= ExplanationWords.Contains(lower);
            }
            else if (isMarked || words.Count == 1 || LooksLikeIdentifier(text, isFirst: word.Index == 0))
            {
                symbols.Add(SymbolName.Parse(text));
            }
            else if (!FillWords.Contains(lower))
            {
                plain.Add(text);
            }
        }

        // "where is open defined": the one word that says nothing else is the name.
        if (symbols.Count == 0 && plain.Count == 1 && (usage || definition))
            symbols.Add(SymbolName.Parse(plain[0]));
        SymbolName[] names = [.. symbols.Distinct().Take(MaxSymbols)];
        var intent = usage && names.Length > 0 ? CodeIntent.Usage
            : names.Length > 0 && !explanation ? CodeIntent.Definition
            : CodeIntent.Explanation;
        return new CodeQuestion(intent, names);
    }

    private static bool LooksLikeIdentifier(string text, bool isFirst) =>
        text.AsSpan(1).ContainsAny(IdentifierSigns)
        || (text.Length > 1 && text.AsSpan(1).ContainsAnyInRange('A', 'Z') && text.AsSpan().ContainsAnyInRange('a', 'z'))
        || (!isFirst && text.Length > 1 && char.IsAsciiLetterUpper(text[0]));

    private static FrozenSet<string> Set(params ReadOnlySpan<string> words) => FrozenSet.Create(StringComparer.Ordinal, words);

    [GeneratedRegex(@"(?<mark>[`'""])?(?<name>[~\p{L}_$][\p{L}\p{Nd}_$]*(?:(?:\.|::|->|\#)~?[\p{L}_$][\p{L}\p{Nd}_$]*)*)(?<call>\(\s*\)?)?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Tokens();
}

/// <summary>A name as a question spells it.</summary>
/// <param name="Name">The name itself.</param>
/// <param name="Container">The type before it; null where none is named.</param>
internal sealed record SymbolName(string Name, string? Container)
{
    private static readonly string[] Separators = [".", "::", "->", "#"];

    /// <summary>Reads <c>Type.name</c> and <c>name</c>.</summary>
    public static SymbolName Parse(string text)
    {
        var parts = text.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 1 ? new SymbolName(parts[0], null) : new SymbolName(parts[^1], parts[^2]);
    }

    /// <inheritdoc/>
    public override string ToString() => Container is null ? Name : $"{Container}.{Name}";
}
