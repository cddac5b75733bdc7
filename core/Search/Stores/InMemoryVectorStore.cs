using System.Collections.Concurrent;
using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Indexing;

namespace OrleansChat.Core.Search.Stores;

/// <summary>
/// Versions in memory over a durable log: a change is written to the log first and seen after that. <see cref="LoadAsync"/> reads
/// the log back before anything else is called, so that a restart embeds nothing again.
/// </summary>
/// <param name="log">Where documents are durable.</param>
/// <param name="options">How versions are kept, but for their dimension; null for all in memory and in full precision.</param>
public sealed class InMemoryVectorStore(IPassageLog log, PassageIndexOptions? options = null) : IVectorStore
{
    private readonly PassageIndexOptions _options = options ?? new PassageIndexOptions();
    private readonly ConcurrentDictionary<CollectionVersion, StoredVersion> _versions = new();

    /// <summary>Reads all versions and documents from the log.</summary>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>How much there is.</returns>
    /// <exception cref="StorageException">A record cannot be read.</exception>
    public async Task<StoreCounts> LoadAsync(CancellationToken cancellationToken)
    {
        var dimensions = new Dictionary<CollectionVersion, int>();
        await foreach (var (key, value) in log.ReadAllAsync(PassageLogKey.Versions, cancellationToken))
        {
            var version = PassageLogKey.VersionOf(key);
            dimensions[version] = JsonSerializer.Deserialize<VersionRecord>(value.Span, JsonSerializerOptions.Web)!.Dimension;
            _versions[version] = Open(version, dimensions[version]);
        }

        await Parallel.ForEachAsync(log.ReadAllAsync(PassageLogKey.Documents, cancellationToken), cancellationToken, async (record, _) =>
        {
            // A version that was dropped half-way leaves documents without one.
            var version = PassageLogKey.VersionOf(record.Key);
            if (_versions.TryGetValue(version, out var stored))
                stored.Load(DocumentRecord.Read(record.Key, record.Value.Span, dimensions[version]));
            else
                await log.DeleteAsync(record.Key);
        });
        return new StoreCounts(_versions.Values.Sum(version => version.Counts.Documents), _versions.Values.Sum(version => version.Counts.Chunks));
    }

    /// <inheritdoc/>
    public async ValueTask CreateAsync(CollectionVersion version, int dimension, CancellationToken cancellationToken)
    {
        if (_versions.TryGetValue(version, out var existing))
        {
            if (existing.Index.Dimension != dimension)
                throw RequestException.Invalid("dimension", $"{version} has vectors of {existing.Index.Dimension} dimensions, not {dimension}.");
            return;
        }

        await log.WriteAsync(PassageLogKey.Of(version), JsonSerializer.SerializeToUtf8Bytes(new VersionRecord(dimension), JsonSerializerOptions.Web));
        _versions.TryAdd(version, Open(version, dimension));
    }

    /// <inheritdoc/>
    public async ValueTask DropAsync(CollectionVersion version, CancellationToken cancellationToken)
    {
        if (!_versions.TryGetValue(version, out var dropped))
            return;
        await log.DeleteAsync(PassageLogKey.Of(version));
        foreach (var batch in dropped.DocumentIds.Chunk(256))
            await Task.WhenAll(batch.Select(id => log.DeleteAsync(PassageLogKey.Of(version, id)).AsTask()));

        // Last, so that a call which failed half-way can be repeated.
        _versions.TryRemove(version, out _);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, StoredDocument>> FindAsync(
        CollectionVersion version, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var stored = Version(version);
        var found = ids.Distinct(StringComparer.Ordinal).Select(stored.Find).OfType<StoredDocument>();
        return ValueTask.FromResult<IReadOnlyDictionary<string, StoredDocument>>(found.ToDictionary(document => document.Id, StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public ValueTask<DocumentPage> ListAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Version(version).List(cursor, limit));

    /// <inheritdoc/>
    public ValueTask<DeletionPage> ListDeletionsAsync(CollectionVersion version, string? cursor, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Version(version).ListDeletions(cursor, limit));

    /// <inheritdoc/>
    public ValueTask<DocumentPassages?> ReadAsync(CollectionVersion version, string documentId, CancellationToken cancellationToken) =>
        Version(version).ReadAsync(documentId, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<bool> PutAsync(CollectionVersion version, DocumentPassages document, CancellationToken cancellationToken)
    {
        var stored = Version(version);
        try
        {
            stored.Index.Validate(document.Document.Id, document.Passages);
        }
        catch (ArgumentException unfit)
        {
            throw new RequestException(Problem.Of(ProblemCode.InvalidRequest, unfit.Message), unfit);
        }

        var record = DocumentRecord.Write(document);
        if (record.Length > log.MaxValueBytes)
        {
            throw new RequestException(Problem.Of(
                ProblemCode.TooLarge,
                $"The document takes {record.Length} bytes with its vectors; at most {log.MaxValueBytes} fit.",
                "Split it into several documents."));
        }

        return await stored.PutAsync(document, () => log.WriteAsync(PassageLogKey.Of(version, document.Document.Id), record), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(CollectionVersion version, string documentId, long revision, CancellationToken cancellationToken) =>
        Version(version).DeleteAsync(documentId, revision, () => log.DeleteAsync(PassageLogKey.Of(version, documentId)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RankedPassage>> SearchAsync(CollectionVersion version, PassageQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult(Version(version).Index.Search(query));
        }
        catch (ArgumentException unfit)
        {
            throw new RequestException(Problem.Of(ProblemCode.InvalidRequest, unfit.Message), unfit);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> HasFieldAsync(CollectionVersion version, string field, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Version(version).HasField(field));

    /// <inheritdoc/>
    public ValueTask<StoreCounts> CountAsync(CollectionVersion version, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Version(version).Counts);

    private StoredVersion Open(CollectionVersion version, int dimension) => new(version, _options with { Dimension = dimension });

    private StoredVersion Version(CollectionVersion version) =>
        _versions.GetValueOrDefault(version) ?? throw RequestException.NoCollection(version.Collection);

    private sealed record VersionRecord(int Dimension);
}
