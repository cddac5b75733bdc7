using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Trials;

/// <summary>
/// Tries how well an embedding model tells the passages of a version apart, so that a weak one cannot push aside what words find: some passages are asked
/// for by vectors and by words. It costs one embedding call of a few hundred words whenever a version has doubled in size.
/// </summary>
/// <param name="store">Where passages are.</param>
/// <param name="embeddings">The embedding models.</param>
/// <param name="logger">Told of the outcome.</param>
public sealed partial class ModelTrials(IVectorStore store, SearchEmbeddings embeddings, ILogger<ModelTrials> logger)
{
    private const int Questions = 48;

    /// <summary>Tries a version's model where that is due.</summary>
    /// <param name="version">The version with its last trial.</param>
    /// <param name="payer">Who pays for the embeddings.</param>
    /// <param name="cancellationToken">Stops the trial.</param>
    /// <returns>The outcome; null when there is none: the model says its weight itself, too little has changed, or it failed.</returns>
    /// <exception cref="StorageException">The store could not be reached.</exception>
    public async Task<ModelTrial?> TryAsync(ServingVersion version, SearchPayer payer, CancellationToken cancellationToken)
    {
        var model = version.Settings.EmbeddingModel;
        try
        {
            var passages = (await store.CountAsync(version.Version, cancellationToken)).Chunks;
            if (!ModelTrial.IsDue(version.Trial, passages) || embeddings.Generator(model).GetService<DenseWeight>() is not null)
                return null;
            var score = await AskAsync(version, await SampleAsync(version.Version, cancellationToken), payer, cancellationToken);
            if (score.Weight is not { } weight)
                return null;
            LogTried(version.Version, model, weight);
            return new ModelTrial(passages, weight);
        }
        catch (OrleansChatException failure) when (failure is not StorageException && !cancellationToken.IsCancellationRequested)
        {
            // Whatever was indexed is in place; the next change tries again.
            LogFailed(version.Version, model, failure);
            return null;
        }
    }

    private async Task<TrialScore> AskAsync(
        ServingVersion version, List<(IndexedPassage Passage, string Question)> sample, SearchPayer payer, CancellationToken cancellationToken)
    {
        var score = new TrialScore();
        if (sample.Count == 0)
            return score;
        var vectors = await embeddings.EmbedAsync(
            version.Settings.EmbeddingModel, EmbeddingPurpose.Query, [.. sample.Select(asked => asked.Question)], payer, cancellationToken);
        foreach (var ((passage, question), vector) in sample.Zip(vectors))
        {
            var dense = new PassageQuery { Mode = SearchMode.Dense, Vector = vector, Limit = TrialScore.Depth };
            var lexical = new PassageQuery { Mode = SearchMode.Lexical, Text = question, Limit = TrialScore.Depth };
            score.Add(await RankAsync(version.Version, dense, passage, cancellationToken), await RankAsync(version.Version, lexical, passage, cancellationToken));
        }

        return score;
    }

    private async Task<int?> RankAsync(CollectionVersion version, PassageQuery query, IndexedPassage passage, CancellationToken cancellationToken)
    {
        var hits = await store.SearchAsync(version, query, cancellationToken);
        for (var i = 0; i < hits.Count; i++)
        {
            if (hits[i].Passage.ChunkId == passage.ChunkId)
                return i + 1;
        }

        return null;
    }

    // As many documents as there are questions, and of a few large ones several passages each, evenly spread.
    private async Task<List<(IndexedPassage Passage, string Question)>> SampleAsync(CollectionVersion version, CancellationToken cancellationToken)
    {
        var sample = new List<(IndexedPassage, string)>();
        var page = await store.ListAsync(version, null, Questions, cancellationToken);
        var each = (Questions + page.Documents.Count - 1) / Math.Max(1, page.Documents.Count);
        foreach (var listed in page.Documents)
        {
            if (await store.ReadAsync(version, listed.Id, cancellationToken) is not { } document)
                continue;
            var step = Math.Max(1, document.Passages.Count / each);
            for (var i = step / 2; i < document.Passages.Count && sample.Count < Questions; i += step)
            {
                if (TrialQuestion.For(document.Passages[i].Passage.Text) is { } question)
                    sample.Add((document.Passages[i].Passage, question));
            }
        }

        return sample;
    }

    [LoggerMessage(1, LogLevel.Information, "The vectors of {Model} count {Weight:F3} of what words count in {Version}.")]
    private partial void LogTried(CollectionVersion version, string model, double weight);

    [LoggerMessage(2, LogLevel.Warning, "How well {Model} tells the passages of {Version} apart could not be tried; the next change tries again.")]
    private partial void LogFailed(CollectionVersion version, string model, Exception failure);
}
