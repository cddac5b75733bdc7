using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>
/// The vectors that a version has for documents which are about to be replaced. All are by the version's one model, so a chunk that is in the new
/// document as it was in the old needs no call.
/// </summary>
internal sealed class KnownVectors
{
    private readonly Dictionary<string, ReadOnlyMemory<float>> _byText = new(StringComparer.Ordinal);

    private KnownVectors()
    {
    }

    /// <summary>Reads those of documents.</summary>
    /// <param name="store">The store.</param>
    /// <param name="version">The version that is written to.</param>
    /// <param name="documentIds">The documents that it has.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask<KnownVectors> ReadAsync(
        IVectorStore store, CollectionVersion version, IEnumerable<string> documentIds, CancellationToken cancellationToken)
    {
        var known = new KnownVectors();
        try
        {
            foreach (var id in documentIds)
            {
                foreach (var (passage, vector) in (await store.ReadAsync(version, id, cancellationToken))?.Passages ?? [])
                    known._byText[EmbeddedText.Of(passage)] = vector;
            }
        }
        catch (RequestException gone) when (gone.Problem.Code == ProblemCode.NotFound.Name)
        {
            // The version was dropped meanwhile; whoever writes finds that out.
        }

        return known;
    }

    /// <summary>The vector of a text; empty where there is none.</summary>
    public ReadOnlyMemory<float> Find(string text) => _byText.GetValueOrDefault(text);
}
