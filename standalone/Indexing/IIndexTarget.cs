using OrleansChat.Core.Search.Ingestion;

namespace OrleansChat.Standalone.Indexing;

/// <summary>Where a folder's documents go: this process, or a server.</summary>
internal interface IIndexTarget
{
    /// <summary>How many documents are a page.</summary>
    const int PageSize = 1_000;

    /// <summary>Makes sure that the collection is there.</summary>
    /// <exception cref="Core.Errors.OrleansChatException">It is not, and cannot be made.</exception>
    Task PrepareAsync(string collection, CancellationToken cancellationToken);

    /// <summary>Indexes some documents.</summary>
    /// <exception cref="Core.Errors.OrleansChatException">None of them could be.</exception>
    Task<IndexedBatch> IndexAsync(string collection, IReadOnlyList<SourceDocument> documents, CancellationToken cancellationToken);

    /// <summary>Some of the documents that the collection has.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="cursor">Where the page before ended; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The documents, and the cursor of the next page, null at the end.</returns>
    Task<(IReadOnlyList<ListedDocument> Documents, string? Next)> ListAsync(string collection, string? cursor, CancellationToken cancellationToken);

    /// <summary>Removes a document; one that is gone already changes nothing.</summary>
    Task DeleteAsync(string collection, string id, CancellationToken cancellationToken);
}

/// <summary>A document that a collection has.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Origin">What it was taken from; null where it was sent by itself.</param>
internal sealed record ListedDocument(string Id, string? Origin);

/// <summary>What became of some documents.</summary>
/// <param name="Indexed">Documents that are new or changed.</param>
/// <param name="Unchanged">Documents that were known.</param>
/// <param name="Chunks">Chunks written.</param>
/// <param name="Rejected">Documents that could not be indexed, with the reason.</param>
internal sealed record IndexedBatch(int Indexed, int Unchanged, int Chunks, IReadOnlyList<RejectedFile> Rejected)
{
    /// <summary>Documents whose file is gone.</summary>
    public int Removed { get; init; }

    public static readonly IndexedBatch Empty = new(0, 0, 0, []);

    public static IndexedBatch operator +(IndexedBatch left, IndexedBatch right) => new(
        left.Indexed + right.Indexed, left.Unchanged + right.Unchanged, left.Chunks + right.Chunks, [.. left.Rejected, .. right.Rejected])
    {
        Removed = left.Removed + right.Removed,
    };
}

/// <summary>A file that was not indexed.</summary>
/// <param name="Id">Its path below the folder.</param>
/// <param name="Reason">Why.</param>
internal sealed record RejectedFile(string Id, string Reason);
