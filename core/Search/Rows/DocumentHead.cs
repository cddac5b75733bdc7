using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Rows;

/// <summary>What all passages of a document have in common, kept once.</summary>
internal sealed record DocumentHead(string Id, string? Path, string? Kind, IReadOnlyDictionary<string, MetadataValue> Metadata)
{
    /// <summary>Whether a passage has this in common with those before it.</summary>
    public bool IsOf(IndexedPassage passage) =>
        passage.DocumentId == Id && ReferenceEquals(passage.Metadata, Metadata) && passage.Path == Path && passage.Kind == Kind;

    /// <summary>The head of a passage's document.</summary>
    public static DocumentHead Of(IndexedPassage passage) => new(passage.DocumentId, passage.Path, passage.Kind, passage.Metadata);
}
