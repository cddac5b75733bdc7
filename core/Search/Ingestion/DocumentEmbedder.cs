using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>A document with a place in the order of changes, cut into chunks.</summary>
/// <param name="Source">The document.</param>
/// <param name="ContentHash">Equal for equal content under equal settings.</param>
/// <param name="Revision">Its place.</param>
/// <param name="Chunks">Its chunks.</param>
/// <param name="Replaces">Whether the version that answers has a document of that id.</param>
internal sealed record PendingDocument(SourceDocument Source, string ContentHash, long Revision, IReadOnlyList<Chunk> Chunks, bool Replaces);

/// <summary>Makes passages with vectors from chunks, by one embedding model.</summary>
internal sealed class DocumentEmbedder(
    SearchEmbeddings embeddings, EmbeddingWindow window, CollectionSettings settings, int batchChunks, SearchPayer payer)
{
    /// <summary>The documents with vectors, in order.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="known">Vectors that need no call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansChatException">The call was refused, or the model failed or gave other vectors than it should.</exception>
    public async Task<IReadOnlyList<DocumentPassages>> EmbedAsync(
        IReadOnlyList<PendingDocument> documents, KnownVectors known, CancellationToken cancellationToken)
    {
        IndexedPassage[] passages = [.. documents.SelectMany(Passages)];
        ReadOnlyMemory<float>[] vectors = [.. passages.Select(passage => known.Find(EmbeddedText.Of(passage)))];
        int[] missing = [.. vectors.Index().Where(vector => vector.Item.Length != settings.Dimension).Select(vector => vector.Index)];
        foreach (var (vector, index) in (await EmbedAsync([.. missing.Select(index => passages[index])], cancellationToken)).Zip(missing))
            vectors[index] = vector;

        var place = 0;
        return [.. documents.Select(document => new DocumentPassages(
            new StoredDocument(document.Source.Id, document.Revision, document.ContentHash, document.Chunks.Count, document.Source.Origin),
            [.. document.Chunks.Select(_ => new EmbeddedPassage(passages[place], vectors[place++]))]))];
    }

    /// <summary>The vectors of passages, in order.</summary>
    /// <exception cref="OrleansChatException">The call was refused, or the model failed or gave other vectors than it should.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<IndexedPassage> passages, CancellationToken cancellationToken)
    {
        var batches = await Task.WhenAll(passages.Chunk(batchChunks).Select(batch => EmbedBatchAsync(batch, cancellationToken)));
        return [.. batches.SelectMany(vectors => vectors)];
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedBatchAsync(IndexedPassage[] batch, CancellationToken cancellationToken)
    {
        string[] texts = [.. batch.Select(EmbeddedText.Of)];
        var vectors = await window.RunAsync(
            () => embeddings.EmbedAsync(settings.EmbeddingModel, EmbeddingPurpose.Document, texts, payer, cancellationToken), cancellationToken);
        if (vectors.Any(vector => vector.Length != settings.Dimension))
            throw Broken($"its vectors have {vectors.First(vector => vector.Length != settings.Dimension).Length} dimensions where the collection has {settings.Dimension}");
        return vectors;
    }

    private static IEnumerable<IndexedPassage> Passages(PendingDocument document)
    {
        var source = document.Source;
        return document.Chunks.Select((chunk, ordinal) => new IndexedPassage
        {
            DocumentId = source.Id,
            Ordinal = ordinal,
            Text = chunk.Text,
            Title = Title(source.Title, source.Code?.Symbol is { } symbol ? [symbol] : chunk.TitlePath),
            Path = source.Path,
            Kind = source.Kind,
            StartLine = chunk.StartLine,
            EndLine = chunk.EndLine,
            Code = source.Code ?? chunk.Code,
            Metadata = source.Metadata,
        });
    }

    // A document's first heading often is its title.
    private static string? Title(string? title, IReadOnlyList<string> path)
    {
        var trail = title is null || (path.Count > 0 && path[0] == title) ? path : [title, .. path];
        return trail.Count == 0 ? null : string.Join(" > ", trail);
    }

    private UpstreamException Broken(string detail) =>
        new(UpstreamTarget.TryParse(settings.EmbeddingModel, out var target) ? target.Upstream : settings.EmbeddingModel, UpstreamFailure.Protocol, $"{detail}.");
}
