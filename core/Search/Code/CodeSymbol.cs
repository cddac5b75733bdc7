using System.Text.Json.Serialization;

namespace OrleansChat.Core.Search.Code;

/// <summary>What a passage of source code is: its language and, where it belongs to one, the symbol that it declares.</summary>
public sealed record CodeSymbol
{
    /// <summary>The language, such as <c>csharp</c>.</summary>
    public required string Language { get; init; }

    /// <summary>The symbol's own name; null where the passage belongs to none.</summary>
    public string? Name { get; init; }

    /// <summary>The types around it, outermost first, joined by points; null at the top.</summary>
    public string? Container { get; init; }

    /// <summary>One of <see cref="SymbolKinds"/>; null without a name.</summary>
    public string? Kind { get; init; }

    /// <summary>The declaration up to its body, on one line.</summary>
    public string? Signature { get; init; }

    /// <summary>
    /// The cyclomatic complexity (T. J. McCabe, "A Complexity Measure", 1976): one more than the decisions in the symbol, counted by their words.
    /// </summary>
    public int? Complexity { get; init; }

    /// <summary>The line, from 1, on which the declaration stands, below its comments and attributes.</summary>
    public int? Line { get; init; }

    /// <summary>The symbol's last line, inclusive.</summary>
    public int? EndLine { get; init; }

    /// <summary>Name and container as one, such as <c>Parser.Read</c>; null without a name.</summary>
    [JsonIgnore]
    public string? Symbol => Container is null ? Name : $"{Container}.{Name}";
}

/// <summary>The kinds of symbols.</summary>
public static class SymbolKinds
{
    /// <summary>A function of its own.</summary>
    public const string Function = "function";

    /// <summary>A function of a type.</summary>
    public const string Method = "method";

    /// <summary>A class, struct, interface, trait, enumeration, record, or a name for another type.</summary>
    public const string Type = "type";

    /// <summary>A block that gives functions to a type declared elsewhere.</summary>
    public const string Implementation = "implementation";

    /// <summary>Whether a kind is one of functions.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsFunction(string? kind) => kind is Function or Method;
}
