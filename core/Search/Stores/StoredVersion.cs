using System.Collections.Concurrent;
using OrleansChat.Core.Search.Indexing;

namespace OrleansChat.Core.Search.Stores;

/// <summary>One version in memory. Changes of one document wait for one another; those of different documents do not.</summary>
internal sealed class StoredVersion(CollectionVersion version, PassageIndexOptions options)
{
    private const int Gates = 64;

    private readonly ConcurrentDictionary<string, bool> _fields = new(StringComparer.Ordinal);

    // Documents of a folder share its name, which each record brings along anew.
    private readonly ConcurrentDictionary<string, string> _origins = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StoredDocument> _documents = new(StringComparer.Ordinal);

    // Deletions are remembered until the process ends: no upload that began before one outlives the process.
    private readonly ConcurrentDictionary<string, long> _deletions = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new SemaphoreSlim(1))];

    public CollectionVersion Version => version;

    public PassageIndex Index { get; } = new(options);

    public StoreCounts Counts => new(_documents.Count, Index.Count);

    public IEnumerable<string> DocumentIds => _documents.Keys;

    public bool HasField(string field) => _fields.ContainsKey(field);

    public StoredDocument? Find(string documentId) => _documents.GetValueOrDefault(documentId);

    /// <summary>The documents after an id, in ordinal order.</summary>
    public DocumentPage List(string? after, int limit)
    {
        var (found, next) = Page(_documents, after, limit);
        return new DocumentPage([.. found.Select(document => document.Value)], next);
    }

    /// <summary>The deletions of documents that are not there, after an id, in ordinal order.</summary>
    public DeletionPage ListDeletions(string? after, int limit)
    {
        var (found, next) = Page(_deletions.Where(deletion => !_documents.ContainsKey(deletion.Key)), after, limit);
        return new DeletionPage([.. found.Select(deletion => new DocumentDeletion(deletion.Key, deletion.Value))], next);
    }

    /// <summary>A document with its passages, as they were at one moment.</summary>
    public async ValueTask<DocumentPassages?> ReadAsync(string documentId, CancellationToken cancellationToken)
    {
        var gate = GateOf(documentId);
        await gate.WaitAsync(cancellationToken);
        try
        {
            return Find(documentId) is { } document ? new DocumentPassages(document, Index.Read(documentId)) : null;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Takes a document up that is durable already.</summary>
    public void Load(DocumentPassages document)
    {
        // All passages of a document have its metadata.
        foreach (var field in document.Passages.Count == 0 ? [] : document.Passages[0].Passage.Metadata.Keys)
            _fields.TryAdd(field, true);
        Index.Replace(document.Document.Id, document.Passages);
        _documents[document.Document.Id] = document.Document.Origin is { } origin
            ? document.Document with { Origin = _origins.GetOrAdd(origin, origin) }
            : document.Document;
    }

    /// <summary>Puts a document if no later change was there first: durable, then seen.</summary>
    public async ValueTask<bool> PutAsync(DocumentPassages document, Func<ValueTask> write, CancellationToken cancellationToken)
    {
        var id = document.Document.Id;
        var gate = GateOf(id);
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (LatestRevision(id) > document.Document.Revision)
                return false;
            await write();
            Load(document);
            return true;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Deletes a document if no later change was there first: durable, then gone.</summary>
    public async ValueTask<bool> DeleteAsync(string documentId, long revision, Func<ValueTask> write, CancellationToken cancellationToken)
    {
        var gate = GateOf(documentId);
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (LatestRevision(documentId) > revision)
                return _documents.ContainsKey(documentId);

            // A deletion that was not written has not taken place: whoever repeats it with a lower revision than its own must get through.
            var isThere = _documents.ContainsKey(documentId);
            if (isThere)
                await write();
            _deletions[documentId] = revision;
            if (!isThere)
                return false;
            Index.Remove(documentId);
            return _documents.TryRemove(documentId, out _);
        }
        finally
        {
            gate.Release();
        }
    }

    // One more than fits tells that there is a next page.
    private static (List<KeyValuePair<string, T>> Found, string? Next) Page<T>(IEnumerable<KeyValuePair<string, T>> items, string? after, int limit)
    {
        var page = new PriorityQueue<KeyValuePair<string, T>, string>(limit + 1, Comparer<string>.Create(static (a, b) => string.CompareOrdinal(b, a)));
        foreach (var item in items)
        {
            if (after is not null && string.CompareOrdinal(item.Key, after) <= 0)
                continue;
            page.Enqueue(item, item.Key);
            if (page.Count > limit + 1)
                page.Dequeue();
        }

        var found = page.UnorderedItems.Select(item => item.Element).OrderBy(item => item.Key, StringComparer.Ordinal).ToList();
        return found.Count > limit ? (found[..limit], found[limit - 1].Key) : (found, null);
    }

    private long LatestRevision(string documentId) =>
        Math.Max(_documents.GetValueOrDefault(documentId)?.Revision ?? 0, _deletions.GetValueOrDefault(documentId));

    private SemaphoreSlim GateOf(string documentId) => _gates[(uint)documentId.GetHashCode(StringComparison.Ordinal) % Gates];
}
