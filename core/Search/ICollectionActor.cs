using OrleansChat.Core.Actors;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Core.Search;

/// <summary>
/// The one owner of a collection's settings, its versions and the order of its changes. Documents and passages live in an
/// <see cref="Stores.IVectorStore"/>, each with its content hash, so that one write makes a document whole.
/// </summary>
public interface ICollectionActor
{
    /// <summary>The collection as it stands.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its settings and counts; null when there is no such collection.</returns>
    ValueTask<CollectionInfo?> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>Creates the collection, or changes its settings. Documents indexed before keep their chunks until they are sent again.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The collection.</returns>
    /// <exception cref="Errors.RequestException">Another embedding model once documents have been sent: that is a migration.</exception>
    ValueTask<CollectionInfo> ConfigureAsync(CollectionSettings settings, CancellationToken cancellationToken);

    /// <summary>What answers queries now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The version and its settings; null when there is no such collection.</returns>
    [Interleaves]
    ValueTask<ServingVersion?> FindServingAsync(CancellationToken cancellationToken);

    /// <summary>Asks to change documents. Takes a write only once in some thousand revisions.</summary>
    /// <param name="documents">How many, 1 to 100,000: one revision each.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The permission; null when there is no such collection.</returns>
    ValueTask<IngestionTicket?> BeginIngestionAsync(int documents, CancellationToken cancellationToken);

    /// <summary>Every version that a write has to reach: the one that answers queries, first, and one that is being filled.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The versions; none when there is no such collection.</returns>
    [Interleaves]
    ValueTask<VersionList> FindTargetsAsync(CancellationToken cancellationToken);

    /// <summary>Begins to fill a new version, which takes the old one's place when it is complete.</summary>
    /// <param name="id">The migration's id; one that is known changes nothing.</param>
    /// <param name="settings">The new version's settings.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The migration.</returns>
    /// <exception cref="Errors.RequestException">No such collection, another migration is under way, or the settings are the present ones.</exception>
    ValueTask<MigrationView> StartMigrationAsync(string id, CollectionSettings settings, CancellationToken cancellationToken);

    /// <summary>The collection's migrations, newest first; the oldest are forgotten at some time.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The migrations.</returns>
    ValueTask<MigrationList> ListMigrationsAsync(CancellationToken cancellationToken);

    /// <summary>Pauses, resumes, rolls back or finishes a migration. Repeating a command changes nothing.</summary>
    /// <param name="id">The migration's id.</param>
    /// <param name="command">What to do.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The migration.</returns>
    /// <exception cref="Errors.RequestException">No such migration, or it is past what the command is for.</exception>
    ValueTask<MigrationView> CommandMigrationAsync(string id, MigrationCommand command, CancellationToken cancellationToken);

    /// <summary>Takes the work on the migration that is under way, for half a minute from the last call, or keeps it for as long again.</summary>
    /// <param name="worker">Who works.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What to do next; null when there is nothing to do, or somebody else does it.</returns>
    ValueTask<MigrationWork?> LeaseMigrationAsync(string worker, CancellationToken cancellationToken);

    /// <summary>Records work done. The last step makes the new version answer queries.</summary>
    /// <param name="id">The migration's id.</param>
    /// <param name="progress">What was done.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask ReportMigrationAsync(string id, MigrationProgress progress, CancellationToken cancellationToken);

    /// <summary>Records how much a version's embedding model is to count. A version that is not in use any more changes nothing.</summary>
    /// <param name="version">The version's number.</param>
    /// <param name="trial">What its trial showed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask ReportTrialAsync(int version, ModelTrial trial, CancellationToken cancellationToken);
}
