namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>
/// What callers know of a collection: for each document the contents that it may have. A change that was answered leaves nothing of what had
/// ended before it began; one that was not answered may have taken place or not. Safe for concurrent use.
/// </summary>
internal sealed class DocumentModel
{
    private const int MaxTrace = 4_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<DocumentChange>> _changes = new(StringComparer.Ordinal);
    private readonly Queue<string> _trace = new();
    private long _now;

    /// <summary>No documents yet.</summary>
    /// <param name="ids">Those that there may be.</param>
    public DocumentModel(IEnumerable<string> ids)
    {
        foreach (var id in ids)
            _changes[id] = [new DocumentChange(id, null, 0) { End = 0 }];
    }

    /// <summary>All ids.</summary>
    public IReadOnlyCollection<string> Ids => _changes.Keys;

    /// <summary>A moment from which somebody looks.</summary>
    public long Now()
    {
        lock (_gate)
            return ++_now;
    }

    /// <summary>A caller begins to change a document.</summary>
    /// <param name="id">The document.</param>
    /// <param name="content">Its new content; null to delete it.</param>
    public DocumentChange Begin(string id, ModelDocument? content)
    {
        lock (_gate)
        {
            var change = new DocumentChange(id, content, ++_now);
            _changes[id].Add(change);
            Note($"{change} begins");
            return change;
        }
    }

    /// <summary>A change was carried out.</summary>
    public void Acknowledge(DocumentChange change)
    {
        lock (_gate)
        {
            change.End = ++_now;
            Note($"{change} is acknowledged");
            foreach (var earlier in _changes[change.Id].Where(earlier => earlier.Overwritten is null && earlier.End < change.Start))
                earlier.Overwritten = _now;
        }
    }

    /// <summary>Nobody knows whether a change was carried out, but it is not under way any more.</summary>
    public void Leave(DocumentChange change)
    {
        lock (_gate)
        {
            change.End = ++_now;
            Note($"{change} is left");
        }
    }

    /// <summary>The contents that a document may have had at some time since a moment; null among them where it may have been missing.</summary>
    public IReadOnlyList<ModelDocument?> Possible(string id, long since)
    {
        lock (_gate)
            return [.. _changes[id].Where(change => change.Overwritten is null || change.Overwritten >= since).Select(change => change.Content).Distinct()];
    }

    /// <summary>Nothing is under way any more, and a document was seen as it is: so it stays.</summary>
    public void Settle(string id, ModelDocument? seen)
    {
        lock (_gate)
        {
            _now++;
            _changes[id] = [new DocumentChange(id, seen, _now) { End = _now }];
            Note($"{id} settles as {DocumentChange.Told(seen)}");
        }
    }

    /// <summary>Keeps what happened, to be told when something is wrong.</summary>
    public void Note(string what)
    {
        lock (_gate)
        {
            _trace.Enqueue($"{_now}: {what}");
            if (_trace.Count > MaxTrace)
                _trace.Dequeue();
        }
    }

    /// <summary>What happened of late to a document and to the collection.</summary>
    public string Story(string id)
    {
        lock (_gate)
            return string.Join('\n', _trace.Where(line => line.Contains($"{id} ", StringComparison.Ordinal) || line.Contains(" * ", StringComparison.Ordinal)).TakeLast(60));
    }
}

/// <summary>A change of a document as its caller knows it.</summary>
/// <param name="Id">The document.</param>
/// <param name="Content">Its new content; null for none.</param>
/// <param name="Start">When the call began.</param>
internal sealed record DocumentChange(string Id, ModelDocument? Content, long Start)
{
    /// <summary>When the call ended; null while it is under way.</summary>
    public long? End { get; set; }

    /// <summary>When a later change was known to be in its place; null where there is none.</summary>
    public long? Overwritten { get; set; }

    /// <summary>A content in words.</summary>
    public static string Told(ModelDocument? content) => content is null ? "missing" : $"{content.Word} {content.Parts}/{content.Group}";

    /// <inheritdoc/>
    public override string ToString() => $"{Id} = {Told(Content)} since {Start}";
}
