using System.Text.Json.Serialization;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Stores;

/// <summary>A document as a store takes it: all or nothing.</summary>
/// <param name="Document">What identifies it.</param>
/// <param name="Passages">Its passages in order, at least one, each with a vector of the version's dimension.</param>
public sealed record DocumentPassages(StoredDocument Document, IReadOnlyList<EmbeddedPassage> Passages);

/// <summary>A document in a store.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Revision">The change that made it; a store keeps the highest it has seen.</param>
/// <param name="ContentHash">Equal for equal content under equal settings.</param>
/// <param name="Chunks">How many passages it has.</param>
/// <param name="Origin">What it was taken from along with others, such as a folder; null where it was sent by itself.</param>
public sealed record StoredDocument(
    string Id,
    long Revision,
    string ContentHash,
    int Chunks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Origin = null);

/// <summary>A document that was deleted.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Revision">The deletion's: a put with a lower one is not carried out.</param>
public sealed record DocumentDeletion(string Id, long Revision);

/// <summary>How much a version holds.</summary>
/// <param name="Documents">Documents.</param>
/// <param name="Chunks">Passages.</param>
public sealed record StoreCounts(long Documents, long Chunks);

/// <summary>Some documents of a version.</summary>
/// <param name="Documents">The documents.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
public sealed record DocumentPage(IReadOnlyList<StoredDocument> Documents, string? Next);

/// <summary>Some deletions of a version.</summary>
/// <param name="Deletions">The deletions.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
public sealed record DeletionPage(IReadOnlyList<DocumentDeletion> Deletions, string? Next);
