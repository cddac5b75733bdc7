namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>A symbol with its place in the source, in UTF-16 code units.</summary>
internal sealed class DeclaredSymbol
{
    /// <summary>Its name.</summary>
    public required string Name { get; set; }

    /// <summary>The types around it, joined by points; null at the top.</summary>
    public string? Container { get; init; }

    /// <summary>One of <see cref="SymbolKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where it starts, with the comments and attributes above it.</summary>
    public required int Start { get; init; }

    /// <summary>Where the declaration itself starts.</summary>
    public required int SignatureStart { get; init; }

    /// <summary>Where its body starts; its end where it has none.</summary>
    public required int Body { get; init; }

    /// <summary>Where it ends, exclusive.</summary>
    public int End { get; set; }

    /// <summary>The symbols within it, in order.</summary>
    public List<DeclaredSymbol> Inner { get; } = [];
}
