using System.Runtime.ExceptionServices;
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

    /// <summary>Puts a document into the first version, if that one is needed still.</summary>
    public async ValueTask PutAsync(DocumentPassages document, CancellationToken cancellationToken)
    {
        try
        {
            await store.PutAsync(serving.Version, document, cancellationToken);
        }
        catch (RequestException gone) when (gone.Problem.Code == ProblemCode.NotFound.Name)
        {
            await EnsureOutdatedAsync(gone, cancellationToken);
        }
    }

    /// <summary>Brings documents that are in the first version to the others.</summary>
    public async Task FollowAsync(IReadOnlyList<DocumentPassages> documents, CancellationToken cancellationToken)
    {
        if (documents.Count > 0)
            await ReachOthersAsync((version, _) => CopyAsync(version, documents, cancellationToken), cancellationToken);
    }

    /// <summary>Deletes a document everywhere.</summary>
    public async Task<bool> DeleteAsync(string documentId, long revision, CancellationToken cancellationToken)
    {
        var wasThere = false;
        try
        {
            wasThere = await store.DeleteAsync(serving.Version, documentId, revision, cancellationToken);
        }
        catch (RequestException gone) when (gone.Problem.Code == ProblemCode.NotFound.Name)
        {
            await EnsureOutdatedAsync(gone, cancellationToken);
        }

        await ReachOthersAsync(
            async (version, isServing) => wasThere |= await store.DeleteAsync(version.Version, documentId, revision, cancellationToken) && isServing,
            cancellationToken);
        return wasThere;
    }

    // Until every version is reached that has to be at that time: while one was written to, a migration may have ended and another one begun.
    private async Task ReachOthersAsync(Func<ServingVersion, bool, Task> write, CancellationToken cancellationToken)
    {
        var reached = new ReachedVersions(serving.Version);
        while (await FindNextAsync(reached, cancellationToken) is (var (next, isServing)))
        {
            try
            {
                await write(next, isServing);
            }
            catch (OrleansChatException)
            {
                if (!await MayMissAsync(next.Version, isServing))
                    throw;
            }
            catch (OperationCanceledException)
            {
                await MayMissAsync(next.Version, isServing);
                throw;
            }

            reached.Add(next.Version);
        }
    }

    private async ValueTask<(ServingVersion Version, bool IsServing)?> FindNextAsync(ReachedVersions reached, CancellationToken cancellationToken)
    {
        var targets = (await actor.FindTargetsAsync(cancellationToken)).Versions;
        return reached.FindMissed(targets) is { } next ? (next, next == targets[0]) : null;
    }

    private async Task CopyAsync(ServingVersion version, IReadOnlyList<DocumentPassages> documents, CancellationToken cancellationToken)
    {
        if (version.Version == serving.Version)
        {
            foreach (var document in documents)
                await store.PutAsync(version.Version, document, cancellationToken);
            return;
        }

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
    // meantime, the migration is over and nobody would: then the upload fails, to be sent again. Not even who gives the upload up leaves this undone.
    private async Task<bool> MayMissAsync(CollectionVersion version, bool isServing)
    {
        var migrations = isServing ? [] : (await actor.ListMigrationsAsync(CancellationToken.None)).Items;
        foreach (var migration in migrations.Where(migration => migration.Status is MigrationStatus.Running or MigrationStatus.Paused or MigrationStatus.RollingBack))
            await actor.ReportMigrationAsync(migration.Id, new MigrationProgress { Phase = migration.Phase, IsBehind = true }, CancellationToken.None);
        return (await actor.FindTargetsAsync(CancellationToken.None)).Versions is not [var now, ..] || now.Version != version;
    }

    // The first version may have been dropped since the upload began, when a migration ended and was finished with.
    private async Task EnsureOutdatedAsync(RequestException gone, CancellationToken cancellationToken)
    {
        if ((await actor.FindTargetsAsync(cancellationToken)).Versions.Any(target => target.Version == serving.Version))
            ExceptionDispatchInfo.Throw(gone);
    }
}
