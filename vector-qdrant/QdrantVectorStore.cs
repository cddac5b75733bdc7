using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Collections;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Documents;
using OrleansChat.VectorQdrant.Fields;
using OrleansChat.VectorQdrant.Filters;
using OrleansChat.VectorQdrant.Passages;
using OrleansChat.VectorQdrant.Querying;
using Qdrant.Client.Grpc;
using NumberRange = Qdrant.Client.Grpc.Range;

namespace OrleansChat.VectorQdrant;

/// <summary>
/// Versions in Qdrant 1.16 or newer. Qdrant changes one point in one step, but not several, so a document has a head that names the
/// revision in place. A new revision is uploaded beside the old one, a while later its head is written on the condition that no higher
/// revision is in place, and then the old passages are removed. Whoever dies on the way leaves passages that nobody sees, for the next
/// change of the document to remove. <see cref="PassageReader"/> says what that means for readers.
/// </summary>
/// <remarks>
/// Different from the store in memory: dense ranking is approximate (HNSW), lexical ranking as <see cref="Lexical.SparseTerms"/> says, and
/// a fused hit has the scores of both rankings even where it was a candidate of one alone. Counts of passages are exact while no change is
/// under way.
/// </remarks>
internal sealed partial class QdrantVectorStore(
    QdrantConnection qdrant, QdrantOptions options, TimeProvider time, ILogger<QdrantVectorStore> logger) : IVectorStore
{
    private const int MaxReads = 8;
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<(CollectionVersion Version, string Field), bool> _fields = new();
    private readonly QdrantCollections _collections = new(qdrant, options);
    private readonly DocumentHeads _heads = new(qdrant, options, time);
    private readonly PassagePoints _passages = new(qdrant, options, time);
    private readonly PassageReader _reader = new(qdrant, new DocumentHeads(qdrant, options, time), options, time);

    /// <inheritdoc/>
    public async ValueTask CreateAsync(CollectionVersion version, int dimension, CancellationToken cancellationToken) =>
        await _collections.CreateAsync(version, dimension, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DropAsync(CollectionVersion version, CancellationToken cancellationToken) =>
        await _collections.DropAsync(version, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, StoredDocument>> FindAsync(
        CollectionVersion version, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        InAsync<IReadOnlyDictionary<string, StoredDocument>>(version, async name =>
        {
            await _collections.DimensionAsync(version, cancellationToken);
            var heads = await _heads.FindAsync(name, ids, cancellationToken);
            return heads.Values.Where(head => !head.IsDeleted).Select(head => head.Document).ToDictionary(document => document.Id, StringComparer.Ordinal);
        });

    /// <inheritdoc/>
    public ValueTask<DocumentPage> ListAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken) =>
        InAsync(version, async name =>
        {
            await _collections.DimensionAsync(version, cancellationToken);
            return await _heads.ListAsync(name, cursor, limit, cancellationToken);
        });

    /// <inheritdoc/>
    public ValueTask<DeletionPage> ListDeletionsAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken) =>
        InAsync(version, async name =>
        {
            await _collections.DimensionAsync(version, cancellationToken);
            return await _heads.ListDeletionsAsync(name, cursor, limit, cancellationToken);
        });

    /// <inheritdoc/>
    public ValueTask<DocumentPassages?> ReadAsync(CollectionVersion version, string documentId, CancellationToken cancellationToken) =>
        InAsync<DocumentPassages?>(version, async name =>
        {
            await _collections.DimensionAsync(version, cancellationToken);

            // A change between the two reads leaves no passages of the revision that the head named, and the head is read again.
            for (var round = 0; round < MaxReads; round++)
            {
                if ((await _heads.FindAsync(name, [documentId], cancellationToken)).GetValueOrDefault(documentId) is not { IsDeleted: false } head)
                    return null;
                var passages = await _passages.ReadAsync(name, documentId, head.Document.Revision, cancellationToken);
                if (passages.Count == head.Document.Chunks)
                    return new DocumentPassages(head.Document, passages);
                await Task.Delay(options.CommitDelay, time, cancellationToken);
            }

            throw new StorageException($"A document of {version} changes faster than it can be read.");
        });

    /// <inheritdoc/>
    public ValueTask<bool> PutAsync(CollectionVersion version, DocumentPassages document, CancellationToken cancellationToken) =>
        InAsync(version, async name =>
        {
            var dimension = await _collections.DimensionAsync(version, cancellationToken);
            foreach (var passage in document.Passages)
                VectorRules.Check(passage.Vector.Span, dimension);

            var (id, revision) = (document.Document.Id, document.Document.Revision);
            await _passages.UploadAsync(name, document, cancellationToken);
            await DelayCommitAsync(cancellationToken);
            await _heads.WriteAsync(name, new DocumentHead(document.Document, IsDeleted: false), cancellationToken);
            var inPlace = (await _heads.FindAsync(name, [id], cancellationToken)).GetValueOrDefault(id);

            var isInPlace = inPlace is { IsDeleted: false } && inPlace.Document.Revision == revision;
            var superseded = isInPlace ? new NumberRange { Lt = revision } : new NumberRange { Lte = revision, Gte = revision };
            await CleanAsync(version, () => _passages.RemoveAsync(name, id, superseded));
            return isInPlace;
        });

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(CollectionVersion version, string documentId, long revision, CancellationToken cancellationToken) =>
        InAsync(version, async name =>
        {
            var before = (await _heads.FindAsync(name, [documentId], cancellationToken)).GetValueOrDefault(documentId);
            var wasThere = before is { IsDeleted: false };
            if (before?.Document.Revision > revision)
                return wasThere;

            var deletion = new DocumentHead(new StoredDocument(documentId, revision, "", 0), IsDeleted: true);
            await _heads.WriteAsync(name, deletion, cancellationToken);
            await CleanAsync(version, () => _passages.RemoveDeletedAsync(name, documentId, revision));
            return wasThere;
        });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RankedPassage>> SearchAsync(
        CollectionVersion version, PassageQuery query, CancellationToken cancellationToken) =>
        InAsync(version, async name =>
        {
            if (query.Limit < 1)
                throw RequestException.Invalid("limit", "At least one passage has to be asked for.");
            var dimension = await _collections.DimensionAsync(version, cancellationToken);
            if (query.Mode != SearchMode.Lexical)
                VectorRules.Check(query.Vector.Span, dimension);
            return await _reader.SearchAsync(name, query, cancellationToken);
        });

    /// <inheritdoc/>
    public ValueTask<bool> HasFieldAsync(CollectionVersion version, string field, CancellationToken cancellationToken) =>
        _fields.ContainsKey((version, field)) ? ValueTask.FromResult(true) : InAsync(version, async name =>
        {
            var request = new CountPoints
            {
                CollectionName = name,
                Filter = new Filter { Must = { FilterTranslation.Keyword(PayloadKeys.Facts, PassageFields.Present(field)) } },
                Exact = true,
                ReadConsistency = Replication.Read(options),
            };
            var has = (await qdrant.CallAsync((client, call) => client.Points.CountAsync(request, call), cancellationToken)).Result.Count > 0;
            if (has)
                _fields[(version, field)] = true;
            return has;
        });

    /// <inheritdoc/>
    public ValueTask<StoreCounts> CountAsync(CollectionVersion version, CancellationToken cancellationToken) =>
        InAsync(version, async name =>
        {
            var documents = CountAsync(name, PayloadKeys.Head, cancellationToken);
            var passages = CountAsync(name, PayloadKeys.Passage, cancellationToken);
            return new StoreCounts(await documents, await passages);
        });

    private async Task<long> CountAsync(string collection, string type, CancellationToken cancellationToken)
    {
        var request = new CountPoints
        {
            CollectionName = collection,
            Filter = new Filter { Must = { FilterTranslation.Keyword(PayloadKeys.Type, type) } },
            Exact = true,
            ReadConsistency = Replication.Read(options),
        };
        return (long)(await qdrant.CallAsync((client, call) => client.Points.CountAsync(request, call), cancellationToken)).Result.Count;
    }

    private async ValueTask<T> InAsync<T>(CollectionVersion version, Func<string, Task<T>> work)
    {
        try
        {
            return await work(_collections.NameOf(version));
        }
        catch (QdrantNotFoundException)
        {
            _collections.Forget(version);
            throw RequestException.NoCollection(version.Collection);
        }
    }

    // Timers count whole ticks and may come a moment early; a search that took less than the whole delay relies on it.
    private async Task DelayCommitAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        for (var left = options.CommitDelay; left > TimeSpan.Zero; left = options.CommitDelay - time.GetElapsedTime(start))
            await Task.Delay(left < ShortestDelay ? ShortestDelay : left, time, cancellationToken);
    }

    // The change is in place by now; what could not be removed is not seen, and the document's next change removes it.
    private async Task CleanAsync(CollectionVersion version, Func<Task> clean)
    {
        try
        {
            await clean();
        }
        catch (Exception failure) when (failure is OrleansChatException or QdrantNotFoundException)
        {
            LogLeftOver(version, failure);
        }
    }

    [LoggerMessage(700, LogLevel.Warning, "Superseded passages of a document in {Version} could not be removed; its next change removes them")]
    private partial void LogLeftOver(CollectionVersion version, Exception failure);
}
