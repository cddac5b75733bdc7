using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>
/// Writes to the version that answered queries when an upload began, and after that asks which versions a write has to reach by now: whoever begins to
/// fill another version later finds the document in the first, and whoever began before has it brought to it.
/// </summary>
internal sealed class VersionWriter(
    IVectorStore store, ICollectionActor actor, ServingVersion serving, Func<CollectionSettings, DocumentEmbedder> embedders)
{
    private readonly DocumentEmbedder _embedder = embedders(serving.Settings);

    /// <summary>The documents with vectors for the first version; what it has of them already is not embedded again.</summary>
    public async Task<IReadOnlyList<DocumentPassages>> EmbedAsync(IReadOnlyList<PendingDocument> documents, CancellationToken cancellationToken)
    {
        var replaced = documents.Where(document => document.Replaces).Select(document => document.Source.Id);
        var known = await KnownVectors.ReadAsync(store, serving.Version, replaced, cancellationToken);
        return await _embedder.EmbedAsync(documents, known, cancellationToken);
    }

    /// <summary>Puts a document into the first version.</summary>
    public ValueTask<bool> PutAsync(DocumentPassages document, CancellationToken cancellationToken) =>
        store.PutAsync(serving.Version, document, cancellationToken);

    /// <summary>Brings documents that are in the first version to the others.</summary>
    public async Task FollowAsync(IReadOnlyList<DocumentPassages> documents, CancellationToken cancellationToken)
    {
        if (documents.Count == 0)
            return;
        foreach (var (version, isServing) in await OthersAsync(cancellationToken))
        {
            try
            {
                await CopyAsync(version, documents, cancellationToken);
            }
            catch (OrleansChatException) when (!isServing)
            {
                if (!await LeaveBehindAsync(version, cancellationToken))
                    throw;
            }
        }
    }

    /// <summary>Deletes a document everywhere.</summary>
    public async Task<bool> DeleteAsync(string documentId, long revision, CancellationToken cancellationToken)
    {
        var wasThere = await store.DeleteAsync(serving.Version, documentId, revision, cancellationToken);
        foreach (var (version, isServing) in await OthersAsync(cancellationToken))
        {
            try
            {
                wasThere |= await store.DeleteAsync(version.Version, documentId, revision, cancellationToken) && isServing;
            }
            catch (OrleansChatException) when (!isServing)
            {
                if (!await LeaveBehindAsync(version, cancellationToken))
                    throw;
            }
        }

        return wasThere;
    }

    private async ValueTask<IReadOnlyList<(ServingVersion Version, bool IsServing)>> OthersAsync(CancellationToken cancellationToken)
    {
        var targets = (await actor.FindTargetsAsync(cancellationToken)).Versions;
        return [.. targets.Index().Where(target => target.Item.Version != serving.Version).Select(target => (target.Item, target.Index == 0))];
    }

    private async Task CopyAsync(ServingVersion version, IReadOnlyList<DocumentPassages> documents, CancellationToken cancellationToken)
    {
        var vectors = await embedders(version.Settings).EmbedAsync(
            [.. documents.SelectMany(document => document.Passages).Select(passage => passage.Passage)], cancellationToken);
        var place = 0;
        foreach (var document in documents)
        {
            var passages = document.Passages.Select(passage => passage with { Vector = vectors[place++] });
            await store.PutAsync(version.Version, document with { Passages = [.. passages] }, cancellationToken);
        }
    }

    // A version that does not answer yet must not fail the upload; the migration goes through all documents once more. If it has come to answer in the
    // meantime, the migration is over and nobody would: then the upload fails, to be sent again.
    private async Task<bool> LeaveBehindAsync(ServingVersion version, CancellationToken cancellationToken)
    {
        if ((await actor.ListMigrationsAsync(cancellationToken)).Items is [var migration, ..])
            await actor.ReportMigrationAsync(migration.Id, new MigrationProgress { Phase = migration.Phase, IsBehind = true }, cancellationToken);
        return (await actor.FindTargetsAsync(cancellationToken)).Versions is not [var serving, ..] || serving.Version != version.Version;
    }
}
