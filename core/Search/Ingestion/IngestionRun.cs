using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>
/// Embeds and stores the changed documents of one upload, some batches at a time, and counts. Meanwhile the next batch is cut.
/// </summary>
internal sealed class IngestionRun(VersionWriter writer, int batchChunks, int maxBatches, List<RejectedDocument> rejected)
{
    private readonly List<PendingDocument> _batch = [];
    private readonly Queue<Task> _storing = [];
    private int _batchSize;
    private int _indexed;
    private int _unchanged;
    private int _chunks;

    /// <summary>Counts a document that is there already.</summary>
    public void CountUnchanged() => _unchanged++;

    /// <summary>Adds a document, and stores the batch when it is full.</summary>
    public async Task AddAsync(PendingDocument document, CancellationToken cancellationToken)
    {
        if (_batchSize > 0 && _batchSize + document.Chunks.Count > batchChunks)
            await FlushAsync(cancellationToken);
        _batch.Add(document);
        _batchSize += document.Chunks.Count;
    }

    /// <summary>Stores what is left.</summary>
    public async Task<IngestionReport> FinishAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await WaitAsync(0);
        return new IngestionReport(_indexed, _unchanged, _chunks, rejected);
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        PendingDocument[] batch = [.. _batch];
        _batch.Clear();
        _batchSize = 0;
        await WaitAsync(maxBatches - 1);
        if (batch.Length > 0)
            _storing.Enqueue(Task.Run(() => StoreAsync(batch, cancellationToken), CancellationToken.None));
    }

    // A failure is told when nothing is under way any more.
    private async Task WaitAsync(int left)
    {
        while (_storing.Count > left)
        {
            var oldest = _storing.Dequeue();
            await oldest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!oldest.IsCompletedSuccessfully)
                await Task.WhenAll(_storing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await oldest;
        }
    }

    private async Task StoreAsync(PendingDocument[] batch, CancellationToken cancellationToken)
    {
        IReadOnlyList<DocumentPassages> embedded;
        try
        {
            embedded = await writer.EmbedAsync(batch, cancellationToken);
        }
        catch (UpstreamException refused) when (refused.Failure == UpstreamFailure.InvalidRequest)
        {
            // The model takes offence at a text: find the document it is in.
            if (batch.Length == 1)
            {
                Reject(batch[0].Source.Id, refused.Problem);
                return;
            }

            foreach (var document in batch)
                await StoreAsync([document], cancellationToken);
            return;
        }

        // Together, so that they share a flush of the store.
        var stored = await Task.WhenAll(embedded.Select(document => PutAsync(document, cancellationToken)));
        await writer.FollowAsync([.. embedded.Where((_, i) => stored[i])], cancellationToken);
    }

    private async Task<bool> PutAsync(DocumentPassages document, CancellationToken cancellationToken)
    {
        try
        {
            // When a later change was there first, this one was in place for no time at all, which counts as well.
            await writer.PutAsync(document, cancellationToken);
            Interlocked.Increment(ref _indexed);
            Interlocked.Add(ref _chunks, document.Passages.Count);
            return true;
        }
        catch (RequestException refused)
        {
            Reject(document.Document.Id, refused.Problem);
            return false;
        }
    }

    private void Reject(string documentId, Problem problem)
    {
        lock (rejected)
            rejected.Add(new RejectedDocument(documentId, problem));
    }
}
