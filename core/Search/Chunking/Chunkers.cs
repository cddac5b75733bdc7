using OrleansChat.Core.Search.Code;

namespace OrleansChat.Core.Search.Chunking;

/// <summary>The chunkers there are, in the order in which they are asked.</summary>
public sealed class Chunkers
{
    /// <summary>The name in settings that chooses by each document's kind and path.</summary>
    public const string Automatic = "auto";

    private readonly IChunker[] _chunkers;

    /// <summary>Chunkers to choose from.</summary>
    /// <param name="chunkers">The last one takes what no other accepts.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Chunkers(IEnumerable<IChunker> chunkers)
    {
        _chunkers = [.. chunkers];
        if (_chunkers.Length == 0)
            throw new ArgumentException("There is no chunker.", nameof(chunkers));
    }

    /// <summary>Markdown, the languages whose symbols are known, other code, and plain text.</summary>
    public static Chunkers Default { get; } = new(
        [new MarkdownChunker(), .. CodeLanguage.All.Select(language => new SymbolChunker(language)), new CodeTextChunker(), new PlainTextChunker()]);

    /// <summary>The names that <see cref="Choose"/> knows, <see cref="Automatic"/> first.</summary>
    public IReadOnlyList<string> Names => [Automatic, .. _chunkers.Select(chunker => chunker.Name)];

    /// <summary>The chunker for a document.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="kind">The document's kind, if given; it counts before the path.</param>
    /// <param name="path">The document's path, if given.</param>
    /// <exception cref="ArgumentException">The name is not known.</exception>
    public IChunker Choose(string name, string? kind, string? path)
    {
        var extension = Path.GetExtension(path ?? "").ToLowerInvariant();
        var isCode = name == CodeTextChunker.ChunkerName || (name == Automatic && kind == CodeTextChunker.ChunkerName);
        if (isCode && Array.Find(_chunkers, chunker => chunker is SymbolChunker && chunker.Accepts(null, extension)) is { } symbols)
            return symbols;
        if (name != Automatic)
        {
            return Array.Find(_chunkers, chunker => chunker.Name == name)
                ?? throw new ArgumentException($"There is no chunker '{name}', only {string.Join(", ", Names)}.", nameof(name));
        }

        return (kind is null ? null : Array.Find(_chunkers, chunker => chunker.Accepts(kind, "")))
            ?? Array.Find(_chunkers, chunker => chunker.Accepts(null, extension))
            ?? _chunkers[^1];
    }
}
