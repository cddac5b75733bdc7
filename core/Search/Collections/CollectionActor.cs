using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Collections;

/// <summary>
/// Owns a collection's settings and hands out revisions. Revisions are recorded ahead in runs of a thousand: after a crash the rest of
/// a run is skipped, so none is given twice.
/// </summary>
/// <param name="state">What is durable.</param>
/// <param name="context">The activation; its key is the collection's name.</param>
/// <param name="store">Where documents are.</param>
public sealed class CollectionActor(IActorState<CollectionState> state, IActorContext context, IVectorStore store) : ICollectionActor
{
    private const int MaxDocuments = 100_000;
    private const int RevisionRun = 1_000;

    private long _nextRevision = Math.Max(1, state.Value.RevisionCeiling);

    private ServingVersion? Serving => state.Value.Settings is { } settings
        ? new ServingVersion(new CollectionVersion(context.Key, state.Value.Version), settings)
        : null;

    /// <inheritdoc/>
    public async ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken)
    {
        if (Serving is not { } serving)
            return null;
        var counts = await store.CountAsync(serving.Version, cancellationToken);
        return new CollectionInfo(
            context.Key, serving.Version.Number, serving.Settings.EmbeddingModel, serving.Settings.Chunker, counts.Documents, counts.Chunks);
    }

    /// <inheritdoc/>
    public async ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken)
    {
        var current = state.Value.Settings;
        var changesModel = current is not null && (current.EmbeddingModel != settings.EmbeddingModel || current.Dimension != settings.Dimension);
        if (changesModel && state.Value.RevisionCeiling > 0)
            throw ModelIsFixed(current!);

        if (settings != current)
        {
            // The store first: a version that no state names is harmless, a named one without a store is not.
            var version = new CollectionVersion(context.Key, current is null || changesModel ? state.Value.Version + 1 : state.Value.Version);
            await store.CreateAsync(version, settings.Dimension, cancellationToken);
            (state.Value.Settings, state.Value.Version) = (settings, version.Number);
            await SaveAsync();
        }

        return (await DescribeAsync(cancellationToken))!;
    }

    /// <inheritdoc/>
    public ValueTask<ServingVersion?> FindServingAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Serving);

    /// <inheritdoc/>
    public async ValueTask<IngestionTicket?> BeginIngestionAsync(int documents, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(documents, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(documents, MaxDocuments);
        if (Serving is not { } serving)
            return null;

        var first = _nextRevision;
        _nextRevision += documents;
        if (_nextRevision > state.Value.RevisionCeiling)
        {
            state.Value.RevisionCeiling = _nextRevision + RevisionRun;
            await SaveAsync();
        }

        return new IngestionTicket(serving, first);
    }

    // After a failed write memory is ahead of the store, so the activation ends.
    private async ValueTask SaveAsync()
    {
        try
        {
            await state.SaveAsync(CancellationToken.None);
        }
        catch
        {
            context.Deactivate();
            throw;
        }
    }

    private static RequestException ModelIsFixed(CollectionSettings current) =>
        RequestException.Invalid(
            "embeddingModel",
            $"The collection's documents are embedded by '{current.EmbeddingModel}' with {current.Dimension} dimensions.",
            "Start a migration to the other model.",
            "Make a new collection.");
}
