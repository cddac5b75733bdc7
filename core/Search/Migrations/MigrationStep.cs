using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Migrations;

/// <summary>
/// Brings a page of documents from one version to the other. No store can be told that a worker's lease has ended, so every write is one that may come at
/// any time: a document comes with its own revision, and whatever was deleted in the source is deleted in the target with the revision of the deletion.
/// A worker who wakes after the switch finds the same revision in place, or a higher one.
/// </summary>
/// <param name="store">Where documents are.</param>
/// <param name="embeddings">The embedding models.</param>
/// <param name="options">Sizes.</param>
/// <param name="work">The step.</param>
/// <param name="lease">The worker's hold on it.</param>
/// <param name="pageSize">How many documents it is.</param>
internal sealed class MigrationStep(
    IVectorStore store, SearchEmbeddings embeddings, IngestionOptions options, MigrationWork work, MigrationLease lease, int pageSize)
{
    // A deletion is an id and a number, so that a page may be long.
    private const int DeletionsOfAPage = 1_000;

    private CollectionVersion Source => work.Source.Version;

    private CollectionVersion Target => work.Target.Version;

    /// <summary>Copies what the target does not have, or has older.</summary>
    /// <returns>How far it came; null where the work is another worker's by now.</returns>
    public async Task<MigrationProgress?> CopyAsync(MigrationProgress progress, CancellationToken cancellationToken)
    {
        var page = await store.ListAsync(Source, work.Cursor, pageSize, cancellationToken);
        var there = await store.FindAsync(Target, [.. page.Documents.Select(document => document.Id)], cancellationToken);
        return await BringAsync(page.Documents.Where(document => IsNewer(document, there.GetValueOrDefault(document.Id))), cancellationToken)
            ? progress with { Cursor = page.Next, Documents = page.Documents.Count, IsComplete = page.Next is null }
            : null;
    }

    /// <summary>Removes what the source does not have, and replaces what it has newer.</summary>
    /// <returns>How far it came; null where the work is another worker's by now.</returns>
    public async Task<MigrationProgress?> PruneAsync(MigrationProgress progress, CancellationToken cancellationToken)
    {
        if (work.Cursor is null && !await RepeatDeletionsAsync(cancellationToken))
            return null;
        var page = await store.ListAsync(Target, work.Cursor, pageSize, cancellationToken);
        var there = await FindInSourceAsync(page.Documents, cancellationToken);
        if (!await RemoveAsync([.. page.Documents.Where(document => !there.ContainsKey(document.Id))], cancellationToken))
            return null;

        // A document that came again after the pass before, by a writer who may have died since, has to take the place of what the target still has of it.
        var again = page.Documents.Where(document => there.TryGetValue(document.Id, out var source) && IsNewer(source, document)).Select(document => there[document.Id]);
        return await BringAsync(again, cancellationToken) ? progress with { Cursor = page.Next, IsComplete = page.Next is null } : null;
    }

    // Also of documents that the target does not have: a worker who stands still may be about to bring them.
    private async Task<bool> RepeatDeletionsAsync(CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await store.ListDeletionsAsync(Source, cursor, DeletionsOfAPage, cancellationToken);
            foreach (var batch in page.Deletions.Chunk(pageSize))
            {
                if (!await lease.IsHeldAsync(cancellationToken))
                    return false;
                await Task.WhenAll(batch.Select(deletion => store.DeleteAsync(Target, deletion.Id, deletion.Revision, cancellationToken).AsTask()));
            }

            cursor = page.Next;
        }
        while (cursor is not null);
        return true;
    }

    // What the source neither has nor remembers. It was deleted before the store's memory begins, or a writer who began while the target answered is about
    // to bring it to the source. So it is looked for again afterwards, and the documents are gone through again, lest this worker dies in between.
    private async Task<bool> RemoveAsync(List<StoredDocument> orphans, CancellationToken cancellationToken)
    {
        if (orphans.Count == 0)
            return true;
        if (!await lease.IsHeldAsync(cancellationToken))
            return false;
        await lease.GoThroughAgainAsync(cancellationToken);

        // With its own revision, so that a document that comes again meanwhile stays.
        foreach (var orphan in orphans)
            await store.DeleteAsync(Target, orphan.Id, orphan.Revision, cancellationToken);
        var come = await FindInSourceAsync(orphans, cancellationToken);
        await PutAllAsync(come.Values, static _ => ValueTask.FromResult(true), cancellationToken);
        return true;
    }

    private ValueTask<IReadOnlyDictionary<string, StoredDocument>> FindInSourceAsync(IEnumerable<StoredDocument> documents, CancellationToken cancellationToken) =>
        store.FindAsync(Source, [.. documents.Select(document => document.Id)], cancellationToken);

    private static bool IsNewer(StoredDocument document, StoredDocument? other) => other is null || other.Revision < document.Revision;

    private Task<bool> BringAsync(IEnumerable<StoredDocument> documents, CancellationToken cancellationToken) =>
        PutAllAsync(documents, lease.IsHeldAsync, cancellationToken);

    private async Task<bool> PutAllAsync(
        IEnumerable<StoredDocument> documents, Func<CancellationToken, ValueTask<bool>> mayGoOn, CancellationToken cancellationToken)
    {
        using var window = embeddings.OpenWindow();
        var embedder = new DocumentEmbedder(embeddings, window, work.Target.Settings, options.BatchChunks, SearchPayer.System);
        var batch = new List<DocumentPassages>();
        var chunks = 0;
        foreach (var listed in documents)
        {
            if (await store.ReadAsync(Source, listed.Id, cancellationToken) is not { } document)
                continue;
            batch.Add(document);
            chunks += document.Passages.Count;
            if (chunks < options.BatchChunks * window.Width)
                continue;
            if (!await PutAsync(embedder, batch, mayGoOn, cancellationToken))
                return false;
            batch.Clear();
            chunks = 0;
        }

        return await PutAsync(embedder, batch, mayGoOn, cancellationToken);
    }

    private async Task<bool> PutAsync(
        DocumentEmbedder embedder, List<DocumentPassages> documents, Func<CancellationToken, ValueTask<bool>> mayGoOn, CancellationToken cancellationToken)
    {
        if (documents.Count == 0)
            return true;
        if (!await mayGoOn(cancellationToken))
            return false;
        var vectors = await embedder.EmbedAsync([.. documents.SelectMany(document => document.Passages).Select(passage => passage.Passage)], cancellationToken);

        // A model may take its time.
        if (!await mayGoOn(cancellationToken))
            return false;
        var place = 0;
        foreach (var document in documents)
        {
            var passages = document.Passages.Select(passage => passage with { Vector = vectors[place++] });
            await store.PutAsync(Target, document with { Passages = [.. passages] }, cancellationToken);
        }

        return true;
    }
}
