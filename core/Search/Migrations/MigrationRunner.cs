using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Search.Migrations;

/// <summary>
/// Does the work of migrations, a page of documents at a time. It keeps nothing: where it goes on, the collection's actor knows, and every step may be
/// done twice, as a document takes its place only where no later revision of it is.
/// </summary>
/// <param name="actors">The collections' owners.</param>
/// <param name="store">Where documents are.</param>
/// <param name="embeddings">The embedding models.</param>
/// <param name="trials">Tries a model before its version answers queries.</param>
/// <param name="options">Sizes.</param>
/// <param name="logger">Told of failures.</param>
public sealed partial class MigrationRunner(
    IActorDirectory actors, IVectorStore store, SearchEmbeddings embeddings, ModelTrials trials, IngestionOptions options, ILogger<MigrationRunner> logger)
{
    private readonly string _worker = Guid.NewGuid().ToString();

    /// <summary>How many documents are one step.</summary>
    /// <value>Default 100; at least 1.</value>
    public int PageSize { get; init; } = 100;

    /// <summary>Does what there is to do for a collection, until a step fails or nothing is left.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>Whether a step failed, so that trying again in a while may help.</returns>
    public async Task<bool> RunAsync(string collection, CancellationToken cancellationToken)
    {
        var actor = actors.Collection(collection);
        while (await actor.LeaseMigrationAsync(_worker, cancellationToken) is { } work)
        {
            var progress = new MigrationProgress { Phase = work.Phase, Pass = work.Pass, Cursor = work.Cursor };
            try
            {
                progress = await StepAsync(work, progress, cancellationToken);
            }
            catch (OrleansChatException failure)
            {
                LogFailed(collection, work.Phase, failure);
                progress = progress with { Failure = failure.Problem };
            }

            await actor.ReportMigrationAsync(work.Id, progress, cancellationToken);
            if (progress.Failure is not null)
                return true;
        }

        return false;
    }

    private async Task<MigrationProgress> StepAsync(MigrationWork work, MigrationProgress progress, CancellationToken cancellationToken)
    {
        switch (work.Phase)
        {
            case MigrationPhase.Filling or MigrationPhase.Checking:
                return await CopyAsync(work, progress, cancellationToken);
            case MigrationPhase.Pruning:
                return await PruneAsync(work, progress, cancellationToken);
            default:
                if (await trials.TryAsync(work.Target, SearchPayer.System, cancellationToken) is { } trial)
                    await actors.Collection(work.Target.Version.Collection).ReportTrialAsync(work.Target.Version.Number, trial, cancellationToken);
                var validation = new MigrationValidation(store, embeddings);
                return await validation.RunAsync(work, progress, cancellationToken);
        }
    }

    private async Task<MigrationProgress> CopyAsync(MigrationWork work, MigrationProgress progress, CancellationToken cancellationToken)
    {
        var page = await store.ListAsync(work.Source.Version, work.Cursor, PageSize, cancellationToken);
        var there = await store.FindAsync(work.Target.Version, [.. page.Documents.Select(document => document.Id)], cancellationToken);
        await BringAsync(work, page.Documents.Where(document => IsNewer(document, there.GetValueOrDefault(document.Id))), cancellationToken);
        return progress with { Cursor = page.Next, Documents = page.Documents.Count, IsComplete = page.Next is null };
    }

    private static bool IsNewer(StoredDocument document, StoredDocument? other) => other is null || other.Revision < document.Revision;

    private async Task BringAsync(MigrationWork work, IEnumerable<StoredDocument> documents, CancellationToken cancellationToken)
    {
        using var window = embeddings.OpenWindow();
        var embedder = new DocumentEmbedder(embeddings, window, work.Target.Settings, options.BatchChunks, SearchPayer.System);
        var batch = new List<DocumentPassages>();
        var chunks = 0;
        foreach (var listed in documents)
        {
            if (await store.ReadAsync(work.Source.Version, listed.Id, cancellationToken) is not { } document)
                continue;
            batch.Add(document);
            chunks += document.Passages.Count;
            if (chunks < options.BatchChunks * window.Width)
                continue;
            await PutAsync(work.Target.Version, embedder, batch, cancellationToken);
            batch.Clear();
            chunks = 0;
        }

        await PutAsync(work.Target.Version, embedder, batch, cancellationToken);
    }

    private async Task PutAsync(CollectionVersion version, DocumentEmbedder embedder, List<DocumentPassages> documents, CancellationToken cancellationToken)
    {
        if (documents.Count == 0)
            return;
        var vectors = await embedder.EmbedAsync([.. documents.SelectMany(document => document.Passages).Select(passage => passage.Passage)], cancellationToken);
        var place = 0;
        foreach (var document in documents)
        {
            var passages = document.Passages.Select(passage => passage with { Vector = vectors[place++] });
            await store.PutAsync(version, document with { Passages = [.. passages] }, cancellationToken);
        }
    }

    private async Task<MigrationProgress> PruneAsync(MigrationWork work, MigrationProgress progress, CancellationToken cancellationToken)
    {
        var page = await store.ListAsync(work.Target.Version, work.Cursor, PageSize, cancellationToken);
        var there = await store.FindAsync(work.Source.Version, [.. page.Documents.Select(document => document.Id)], cancellationToken);

        // With its own revision, so that a document that comes again meanwhile stays.
        foreach (var orphan in page.Documents.Where(document => !there.ContainsKey(document.Id)))
            await store.DeleteAsync(work.Target.Version, orphan.Id, orphan.Revision, cancellationToken);

        // A document that came again after the pass before, by a writer who may have died since, has to take the place of what the target still has of it.
        var again = page.Documents.Where(document => there.TryGetValue(document.Id, out var source) && IsNewer(source, document)).Select(document => there[document.Id]);
        await BringAsync(work, again, cancellationToken);
        return progress with { Cursor = page.Next, IsComplete = page.Next is null };
    }

    [LoggerMessage(1, LogLevel.Warning, "A step of a migration of collection {Collection} failed while {Phase}; it is tried again.")]
    private partial void LogFailed(string collection, MigrationPhase phase, Exception failure);
}
