using System.Globalization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Migrations;

/// <summary>
/// Compares two versions before one takes the other's place: their counts, and for sampled documents whether the beginning of a passage finds the
/// document by vectors alone, in the old version and in the new.
/// </summary>
internal sealed class MigrationValidation(IVectorStore store, SearchEmbeddings embeddings)
{
    private const int Samples = 24;
    private const int Depth = 10;
    private const int QueryLength = 240;
    private const double LeastRecall = 0.8;

    // Writers reach one version after the other, so that counts of the same moment may differ a little.
    private const long UnderWay = 64;
    private const double UnderWayShare = 0.01;

    /// <summary>Compares the versions of a migration.</summary>
    public async Task<MigrationProgress> RunAsync(MigrationWork work, MigrationProgress progress, CancellationToken cancellationToken)
    {
        var (source, target) = (await store.CountAsync(work.Source.Version, cancellationToken), await store.CountAsync(work.Target.Version, cancellationToken));
        if (Math.Abs(source.Documents - target.Documents) > Math.Max(UnderWay, source.Documents * UnderWayShare))
            return Failed(progress, null, $"{work.Target.Version} has {target.Documents} documents where {work.Source.Version} has {source.Documents}.");

        var (before, after) = (0, 0);
        foreach (var (id, text) in await SampleAsync(work.Source.Version, cancellationToken))
        {
            before += await FindsAsync(work.Source, id, text, cancellationToken) ? 1 : 0;
            after += await FindsAsync(work.Target, id, text, cancellationToken) ? 1 : 0;
        }

        var recall = before == 0 ? 1 : Math.Min(1, (double)after / before);
        return recall < LeastRecall
            ? Failed(progress, recall, string.Create(CultureInfo.InvariantCulture, $"Of what {work.Source.Version} finds, {work.Target.Version} finds {recall:P0}."))
            : progress with { Recall = recall, IsComplete = true };
    }

    private static MigrationProgress Failed(MigrationProgress progress, double? recall, string detail) => progress with
    {
        Recall = recall,
        IsFatal = true,
        Failure = Problem.Of(ProblemCode.Internal, detail, "Look into the embedding model, and start another migration."),
    };

    private async Task<List<(string Id, string Text)>> SampleAsync(CollectionVersion version, CancellationToken cancellationToken)
    {
        var samples = new List<(string, string)>();
        var page = await store.ListAsync(version, null, Samples, cancellationToken);
        foreach (var document in page.Documents)
        {
            if (await store.ReadAsync(version, document.Id, cancellationToken) is { Passages: [{ Passage: var first }, ..] })
                samples.Add((document.Id, first.Text.Length <= QueryLength ? first.Text : first.Text[..QueryLength]));
        }

        return samples;
    }

    private async Task<bool> FindsAsync(ServingVersion version, string id, string text, CancellationToken cancellationToken)
    {
        try
        {
            var embedded = await embeddings.EmbedAsync(version.Settings.EmbeddingModel, EmbeddingPurpose.Query, [text], SearchPayer.System, cancellationToken);
            var query = new PassageQuery { Mode = SearchMode.Dense, Vector = embedded[0], Limit = Depth };
            return (await store.SearchAsync(version.Version, query, cancellationToken)).Any(hit => hit.Passage.DocumentId == id);
        }
        catch (OrleansChatException) when (!cancellationToken.IsCancellationRequested)
        {
            // A model that fails finds nothing, which is often why it is left.
            return false;
        }
    }
}
