using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Code.Scanning;

namespace OrleansChat.Core.Search.Code;

/// <summary>Source code of a known language by its symbols: functions, methods and types with the comments above them.</summary>
internal sealed class SymbolChunker(CodeLanguage language) : IChunker
{
    /// <inheritdoc/>
    public string Name => language.Name;

    /// <inheritdoc/>
    public bool Accepts(string? kind, string extension) => kind == language.Name || (kind is null && language.Extensions.Contains(extension));

    /// <inheritdoc/>
    public IReadOnlyList<Chunk> Split(string text, ChunkingOptions options)
    {
        var source = new SourceLines(text);
        var mask = SourceMask.Of(text, language.Syntax);
        var packer = new ChunkPacker(source, options);
        foreach (var section in new SymbolSections(source, mask, language, options).Read(SymbolScanner.Scan(source, mask, language.Syntax)))
            packer.Add(section);
        return packer.Chunks;
    }
}
