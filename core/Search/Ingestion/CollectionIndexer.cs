using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>
/// Takes documents into collections and out of them. Cutting and embedding happen here, outside any actor; the collection's actor gives each
/// change its place, and the store makes each document whole in one write. Repeating an upload embeds nothing again.
/// </summary>
/// <param name="actors">The collections' owners.</param>
/// <param name="store">Where documents are.</param>
/// <param name="embeddings">The embedding models.</param>
/// <param name="trials">Tries a model when a collection has grown.</param>
/// <param name="chunkers">The chunkers there are.</param>
/// <param name="options">Sizes.</param>
public sealed class CollectionIndexer(
    IActorDirectory actors, IVectorStore store, SearchEmbeddings embeddings, ModelTrials trials, Chunkers chunkers, IngestionOptions options)
{
    /// <summary>The most documents of one call.</summary>
    public const int MaxDocuments = 10_000;

    /// <summary>Indexes documents. Those that are refused do not stop the others.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="documents">The documents; of two with one id the second is refused.</param>
    /// <param name="payer">Who pays for the embeddings.</param>
    /// <param name="cancellationToken">Stops; documents indexed by then stay.</param>
    /// <returns>What became of them.</returns>
    /// <exception cref="RequestException">There is no such collection, or there are more than <see cref="MaxDocuments"/>.</exception>
    /// <exception cref="OrleansChatException">The embedding model failed, or a limit or a budget refused its call; documents indexed by then stay, and sending all again is cheap.</exception>
    public async Task<IngestionReport> IndexAsync(
        string collection, IReadOnlyList<SourceDocument> documents, SearchPayer payer, CancellationToken cancellationToken)
    {
        if (documents.Count > MaxDocuments)
            throw RequestException.Invalid("documents", $"There are {documents.Count} documents; at most {MaxDocuments} are taken at once.", "Send several requests.");

        var (accepted, rejected) = Sift(documents);
        var ticket = await BeginAsync(collection, Math.Max(1, accepted.Count), cancellationToken);
        var actor = actors.Collection(collection);
        var known = await FindKnownAsync(actor, ticket.Serving, accepted, cancellationToken);
        using var window = embeddings.OpenWindow();
        var writer = new VersionWriter(store, actor, ticket.Serving, settings => Embedder(settings, window, payer));
        var run = new IngestionRun(writer, options.BatchChunks, window.Width, rejected);
        for (var i = 0; i < accepted.Count; i++)
        {
            var document = accepted[i];
            var hash = ContentHash.Of(document, ticket.Serving.Settings, options.Chunking);
            if (known.All(stored => stored.GetValueOrDefault(document.Id)?.ContentHash == hash))
            {
                run.CountUnchanged();
                continue;
            }

            var chunker = document.Code is null
                ? chunkers.Choose(ticket.Serving.Settings.Chunker, document.Kind, document.Path)
                : chunkers.Choose(CodeTextChunker.ChunkerName, null, null);
            var chunks = chunker.Split(document.Text, options.Chunking);
            await run.AddAsync(
                new PendingDocument(document, hash, ticket.FirstRevision + i, chunks, known[0].ContainsKey(document.Id)), cancellationToken);
        }

        var report = await run.FinishAsync(cancellationToken);
        if (report.Indexed > 0 && await trials.TryAsync(ticket.Serving, payer, cancellationToken) is { } trial)
            await actor.ReportTrialAsync(ticket.Serving.Version.Number, trial, cancellationToken);
        return report;
    }

    /// <summary>The documents of a collection, a page at a time, in an order of the store's own.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="cursor">Where the page before ended; null for the first page.</param>
    /// <param name="limit">At most so many, at least 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The page.</returns>
    /// <exception cref="RequestException">There is no such collection.</exception>
    public ValueTask<DocumentPage> ListAsync(string collection, string? cursor, int limit, CancellationToken cancellationToken) =>
        CollectionName.IsValid(collection)
            ? actors.Collection(collection).ReadServingAsync(
                collection, serving => store.ListAsync(serving.Version, cursor, limit, cancellationToken), cancellationToken)
            : throw RequestException.NoCollection(collection);

    /// <summary>Deletes a document.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="documentId">The document's id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there was such a document.</returns>
    /// <exception cref="RequestException">There is no such collection.</exception>
    public async Task<bool> DeleteAsync(string collection, string documentId, CancellationToken cancellationToken)
    {
        var ticket = await BeginAsync(collection, 1, cancellationToken);
        using var window = embeddings.OpenWindow();
        return await new VersionWriter(store, actors.Collection(collection), ticket.Serving, settings => Embedder(settings, window, SearchPayer.System))
            .DeleteAsync(documentId, ticket.FirstRevision, cancellationToken);
    }

    // A document counts as unchanged only where every version that writes have to reach has it.
    private async ValueTask<IReadOnlyList<IReadOnlyDictionary<string, StoredDocument>>> FindKnownAsync(
        ICollectionActor actor, ServingVersion serving, IReadOnlyList<SourceDocument> documents, CancellationToken cancellationToken)
    {
        string[] ids = [.. documents.Select(document => document.Id)];
        var targets = await actor.FindTargetsAsync(cancellationToken);
        return await Task.WhenAll(targets.Versions.Prepend(serving).Select(target => target.Version).Distinct().Select(FindAsync));

        async Task<IReadOnlyDictionary<string, StoredDocument>> FindAsync(CollectionVersion version)
        {
            try
            {
                return await store.FindAsync(version, ids, cancellationToken);
            }
            catch (RequestException gone) when (gone.Problem.Code == ProblemCode.NotFound.Name)
            {
                // A migration that ended or was given up between the two calls; its version is not written to any more.
                if ((await actor.FindTargetsAsync(cancellationToken)).Versions is [var now, ..] && now.Version == version)
                    throw;
                return new Dictionary<string, StoredDocument>();
            }
        }
    }

    private static (List<SourceDocument> Accepted, List<RejectedDocument> Rejected) Sift(IReadOnlyList<SourceDocument> documents)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var (accepted, rejected) = (new List<SourceDocument>(documents.Count), new List<RejectedDocument>());
        foreach (var document in documents)
        {
            var problem = DocumentRules.Check(document) ?? (ids.Add(document.Id)
                ? null
                : Problem.Of(ProblemCode.InvalidRequest, "Another document of this request has the same id.", "Give every document an id of its own.") with { Subject = "id" });
            if (problem is null)
                accepted.Add(document);
            else
                rejected.Add(new RejectedDocument(document.Id, problem));
        }

        return (accepted, rejected);
    }

    private async ValueTask<IngestionTicket> BeginAsync(string collection, int documents, CancellationToken cancellationToken) =>
        (CollectionName.IsValid(collection) ? await actors.Collection(collection).BeginIngestionAsync(documents, cancellationToken) : null)
            ?? throw RequestException.NoCollection(collection);

    private DocumentEmbedder Embedder(CollectionSettings settings, EmbeddingWindow window, SearchPayer payer) =>
        new(embeddings, window, settings, options.BatchChunks, payer);
}
