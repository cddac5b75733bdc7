using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Migrations;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Search.Collections;

/// <summary>
/// Owns a collection's settings and hands out revisions. Revisions are recorded ahead in runs of a thousand: after a crash the rest of
/// a run is skipped, so none is given twice.
/// </summary>
/// <param name="state">What is durable.</param>
/// <param name="context">The activation; its key is the collection's name.</param>
/// <param name="store">Where documents are.</param>
/// <param name="time">The clock of migrations.</param>
public sealed class CollectionActor(IActorState<CollectionState> state, IActorContext context, IVectorStore store, TimeProvider time) : ICollectionActor
{
    private const int MaxDocuments = 100_000;
    private const int RevisionRun = 1_000;
    private const int MaxTrials = 8;

    private readonly MigrationLedger _migrations = new(state.Value, context.Key, time);
    private readonly LeftoverVersions _leftovers = new(state.Value, context.Key, store);
    private long _nextRevision = Math.Max(1, state.Value.RevisionCeiling);

    // What is durable: queries and writers may look in while a change is being saved.
    private VersionList _targets = MigrationLedger.TargetsOf(state.Value, context.Key);

    private ServingVersion? Serving => _targets.Versions is [var serving, ..] ? serving : null;

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

        if (current is null || changesModel)
        {
            _migrations.EnsureNoneUnderWay();
            var version = new CollectionVersion(context.Key, _migrations.HighestVersion + 1);
            await _leftovers.MakeAsync(version, settings.Dimension, SaveAsync, cancellationToken);
            state.Value.Leftovers.Remove(version.Number);
            if (current is not null)
                state.Value.Leftovers.Add(state.Value.Version);
            (state.Value.Settings, state.Value.Version) = (settings, version.Number);
            await SaveAsync();
            await _leftovers.DropAsync(cancellationToken);
        }
        else
        {
            // A store that was restored from before the collection was made does not have it.
            await store.CreateAsync(new CollectionVersion(context.Key, state.Value.Version), settings.Dimension, cancellationToken);
            if (settings != current)
            {
                state.Value.Settings = settings;
                await SaveAsync();
            }
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

    /// <inheritdoc/>
    public ValueTask<VersionList> FindTargetsAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_targets);

    /// <inheritdoc/>
    public async ValueTask<MigrationView> StartMigrationAsync(string id, CollectionSettings settings, CancellationToken cancellationToken)
    {
        if (_migrations.Find(id) is { } known)
            return known.View(context.Key);
        if (Serving is not { } serving)
            throw RequestException.NoCollection(context.Key);
        var version = _migrations.NextVersion(settings);
        await _leftovers.MakeAsync(version, settings.Dimension, SaveAsync, cancellationToken);
        var documents = (await store.CountAsync(serving.Version, cancellationToken)).Documents;
        var started = _migrations.Start(id, version, settings, documents);
        await SaveAsync();
        await _leftovers.DropAsync(cancellationToken);
        return started.View(context.Key);
    }

    /// <inheritdoc/>
    public ValueTask<MigrationList> ListMigrationsAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(new MigrationList([.. state.Value.Migrations.Select(migration => migration.View(context.Key))]));

    /// <inheritdoc/>
    public async ValueTask<MigrationView> CommandMigrationAsync(string id, MigrationCommand command, CancellationToken cancellationToken)
    {
        var migration = _migrations.Find(id) ?? throw RequestException.NotFound("migration", id);
        if (_migrations.Command(migration, command))
        {
            await SaveAsync();
            await _leftovers.DropAsync(cancellationToken);
        }

        return migration.View(context.Key);
    }

    /// <inheritdoc/>
    public async ValueTask<MigrationWork?> LeaseMigrationAsync(string worker, CancellationToken cancellationToken)
    {
        // What a host left that died, or that the store would not drop, is dropped by whoever looks for work.
        if (state.Value.Leftovers.Count > 0)
        {
            await SaveAsync();
            if (await _leftovers.DropAsync(cancellationToken))
                await SaveAsync();
        }

        var work = _migrations.Lease(worker, out var isTaken);
        if (isTaken)
            await SaveAsync();
        return work;
    }

    /// <inheritdoc/>
    public async ValueTask ReportMigrationAsync(string id, MigrationProgress progress, CancellationToken cancellationToken)
    {
        if (_migrations.Find(id) is { } migration && _migrations.Report(migration, progress))
            await SaveAsync();
    }

    /// <inheritdoc/>
    public async ValueTask ReportTrialAsync(int version, ModelTrial trial, CancellationToken cancellationToken)
    {
        if (_targets.Versions.All(target => target.Version.Number != version) || state.Value.Trials.GetValueOrDefault(version) == trial)
            return;
        state.Value.Trials[version] = trial;
        while (state.Value.Trials.Count > MaxTrials)
            state.Value.Trials.Remove(state.Value.Trials.Keys.First());
        await SaveAsync();
    }

    // After a failed write memory is ahead of the store, so the activation ends.
    private async ValueTask SaveAsync()
    {
        try
        {
            await state.SaveAsync(CancellationToken.None);
            _targets = MigrationLedger.TargetsOf(state.Value, context.Key);
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
