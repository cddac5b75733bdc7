using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Collections;

namespace OrleansChat.Core.Search.Migrations;

/// <summary>Starts, shows and controls migrations.</summary>
/// <param name="actors">The collections' owners.</param>
/// <param name="catalog">Knows the models.</param>
/// <param name="time">The clock of ids.</param>
public sealed class CollectionMigrations(IActorDirectory actors, CollectionCatalog catalog, TimeProvider time)
{
    /// <summary>Raised when a migration may have work to be done.</summary>
    public event Action? Changed;

    /// <summary>Starts a migration to another embedding model.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="embeddingModel">The model, as <c>upstream/model</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The migration.</returns>
    /// <exception cref="RequestException">No such collection, the model is wrong, or another migration is under way.</exception>
    /// <exception cref="UpstreamException">The model could not be asked for its dimension.</exception>
    public async ValueTask<MigrationView> StartAsync(string collection, string embeddingModel, CancellationToken cancellationToken)
    {
        var actor = Find(collection);
        var serving = await actor.FindServingAsync(cancellationToken) ?? throw RequestException.NoCollection(collection);
        var dimension = await catalog.DimensionAsync(embeddingModel, cancellationToken);
        var settings = serving.Settings with { EmbeddingModel = embeddingModel, Dimension = dimension };
        var started = await actor.StartMigrationAsync(Guid.CreateVersion7(time.GetUtcNow()).ToString(), settings, cancellationToken);
        Changed?.Invoke();
        return started;
    }

    /// <summary>A collection's migrations, newest first.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The migrations.</returns>
    /// <exception cref="RequestException">No such collection.</exception>
    public async ValueTask<MigrationList> ListAsync(string collection, CancellationToken cancellationToken)
    {
        var actor = Find(collection);
        _ = await actor.FindServingAsync(cancellationToken) ?? throw RequestException.NoCollection(collection);
        return await actor.ListMigrationsAsync(cancellationToken);
    }

    /// <summary>A migration.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="id">The migration's id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The migration.</returns>
    /// <exception cref="RequestException">No such migration.</exception>
    public async ValueTask<MigrationView> GetAsync(string collection, string id, CancellationToken cancellationToken) =>
        (await ListAsync(collection, cancellationToken)).Items.FirstOrDefault(migration => migration.Id == id)
            ?? throw RequestException.NotFound("migration", id);

    /// <summary>Carries a command out.</summary>
    /// <param name="collection">The collection's name.</param>
    /// <param name="id">The migration's id.</param>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The migration.</returns>
    /// <exception cref="RequestException">No such migration, or it is past what the command is for.</exception>
    public async ValueTask<MigrationView> CommandAsync(string collection, string id, MigrationCommand command, CancellationToken cancellationToken)
    {
        var migration = await Find(collection).CommandMigrationAsync(id, command, cancellationToken);
        Changed?.Invoke();
        return migration;
    }

    private ICollectionActor Find(string collection) =>
        CollectionName.IsValid(collection) ? actors.Collection(collection) : throw RequestException.NoCollection(collection);
}
