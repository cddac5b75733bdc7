using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Migrations;

/// <summary>
/// The rules of migrations over a collection's state, without I/O. A version is filled while the other answers; the switch is one change of the state.
/// </summary>
internal sealed class MigrationLedger(CollectionState state, string collection, TimeProvider time)
{
    /// <summary>How long a worker that says nothing keeps the work.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(30);

    private const int MaxRecords = 20;
    private const int MaxFailures = 10;

    private string? _worker;
    private long _leasedAt;

    /// <summary>The highest version there ever was.</summary>
    public int HighestVersion => Math.Max(state.HighestVersion, state.Version);

    /// <summary>The versions that a write has to reach.</summary>
    public static VersionList TargetsOf(CollectionState state, string collection)
    {
        if (state.Settings is not { } settings)
            return new VersionList([]);
        var serving = Version(state, collection, state.Version, settings);
        if (state.Migrations.Find(migration => migration.IsActive) is not { } active)
            return new VersionList([serving]);
        var other = active.IsBackwards ? Old(state, active, collection) : New(state, active, collection);
        return new VersionList([serving, other]);
    }

    /// <summary>A migration by its id.</summary>
    public MigrationRecord? Find(string id) => state.Migrations.Find(migration => migration.Id == id);

    /// <summary>Refuses what cannot be done beside a migration.</summary>
    /// <exception cref="RequestException">A migration is under way.</exception>
    public void EnsureNoneUnderWay()
    {
        if (state.Migrations.Find(migration => migration.IsActive) is { } active)
            throw RequestException.Invalid("collection", $"Migration '{active.Id}' is under way.", "Wait for its end, or roll it back.");
    }

    /// <summary>The version that a migration to these settings would make.</summary>
    /// <exception cref="RequestException">Another migration is under way, or the settings are the present ones.</exception>
    public CollectionVersion NextVersion(CollectionSettings settings)
    {
        EnsureNoneUnderWay();
        if (state.Settings == settings)
            throw RequestException.Invalid("embeddingModel", $"The collection is embedded by '{settings.EmbeddingModel}' already.", "Name another model.");
        return new CollectionVersion(collection, HighestVersion + 1);
    }

    /// <summary>Begins a migration.</summary>
    public MigrationRecord Start(string id, CollectionVersion version, CollectionSettings settings, long documents)
    {
        var migration = new MigrationRecord
        {
            Id = id,
            From = state.Version,
            FromSettings = state.Settings!,
            To = version.Number,
            ToSettings = settings,
            Total = documents,
            StartedAt = time.GetUtcNow(),
        };
        state.Leftovers.Remove(version.Number);
        state.Migrations.Insert(0, migration);

        // Only what is over is forgotten, with a version that nobody could get back to any more.
        while (state.Migrations.Count > MaxRecords && state.Migrations[^1] is { Status: MigrationStatus.Finished or MigrationStatus.RolledBack or MigrationStatus.Failed } last)
        {
            if (last.Status != MigrationStatus.Finished)
                state.Leftovers.Add(last.To);
            state.Migrations.Remove(last);
        }

        return migration;
    }

    /// <summary>Carries a command out. A version that is not needed any more is left over from then on.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="command">The command.</param>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="RequestException">The migration is past what the command is for.</exception>
    public bool Command(MigrationRecord migration, MigrationCommand command)
    {
        switch (command, migration.Status)
        {
            case (MigrationCommand.Pause, MigrationStatus.Running or MigrationStatus.RollingBack):
                migration.Status = MigrationStatus.Paused;
                return true;
            case (MigrationCommand.Resume, MigrationStatus.Paused):
                migration.Status = migration.IsBackwards ? MigrationStatus.RollingBack : MigrationStatus.Running;
                (migration.Failures, migration.Cause) = (0, null);
                return true;
            case (MigrationCommand.Rollback, MigrationStatus.Running or MigrationStatus.Paused) when !migration.IsBackwards:
                state.Leftovers.Add(migration.To);
                End(migration, MigrationStatus.RolledBack);
                return true;
            case (MigrationCommand.Rollback, MigrationStatus.Completed) when state.Version == migration.To && !state.Migrations.Exists(other => other.IsActive):
                migration.Status = MigrationStatus.RollingBack;
                migration.IsBackwards = true;
                migration.EndedAt = null;
                Begin(migration, MigrationPhase.Checking);
                return true;
            case (MigrationCommand.Finish, MigrationStatus.Completed):
                state.Leftovers.Add(migration.From);
                End(migration, MigrationStatus.Finished);
                return true;
            case (MigrationCommand.Finish, MigrationStatus.RolledBack or MigrationStatus.Failed):
                state.Leftovers.Add(migration.To);
                End(migration, MigrationStatus.Finished);
                return true;
            case (MigrationCommand.Pause, MigrationStatus.Paused):
            case (MigrationCommand.Resume, MigrationStatus.Running or MigrationStatus.RollingBack):
            case (MigrationCommand.Rollback, MigrationStatus.RollingBack or MigrationStatus.RolledBack):
            case (MigrationCommand.Finish, MigrationStatus.Finished):
                return false;
            default:
                throw RequestException.Invalid(
                    "migration", $"A migration that is {migration.Status} cannot be told to {command}.", "Ask for its status, and see whether a later one is under way.");
        }
    }

    /// <summary>Gives the work out; null when there is none, or another worker has it.</summary>
    /// <param name="worker">Who asks.</param>
    /// <param name="isTaken">Whether the work changes hands, which is durable before anybody is told.</param>
    /// <returns>The work.</returns>
    public MigrationWork? Lease(string worker, out bool isTaken)
    {
        isTaken = false;
        if (state.Migrations.Find(migration => migration.Status is MigrationStatus.Running or MigrationStatus.RollingBack) is not { } migration)
            return null;
        if (_worker is not null && _worker != worker && time.GetElapsedTime(_leasedAt) < LeaseTime)
            return null;
        isTaken = _worker != worker;
        migration.Lease += isTaken ? 1 : 0;
        (_worker, _leasedAt) = (worker, time.GetTimestamp());
        var (source, target) = migration.IsBackwards
            ? (New(state, migration, collection), Old(state, migration, collection))
            : (Old(state, migration, collection), New(state, migration, collection));
        return new MigrationWork(migration.Id, migration.Phase, source, target, migration.Cursor, migration.Pass) { Lease = migration.Lease };
    }

    /// <summary>Takes a report; whether anything changed.</summary>
    public bool Report(MigrationRecord migration, MigrationProgress progress)
    {
        if (!migration.IsActive)
            return false;
        if (progress.IsBehind)
        {
            migration.IsBehind = true;
            return true;
        }

        if (progress.Phase != migration.Phase || progress.Pass != migration.Pass || (progress.Lease ?? migration.Lease) != migration.Lease)
            return false;
        if (progress.Failure is { } failure)
            return Fail(migration, failure, progress.IsFatal);

        (migration.Failures, migration.Cause) = (0, null);
        migration.Recall = progress.Recall ?? migration.Recall;
        migration.Cursor = progress.Cursor;
        if (migration.Phase == MigrationPhase.Filling)
            migration.Done += progress.Documents;
        if (progress.IsComplete)
            Advance(migration);
        return true;
    }

    private void Advance(MigrationRecord migration)
    {
        switch (migration.Phase)
        {
            case MigrationPhase.Filling:
                Begin(migration, MigrationPhase.Checking);
                break;
            case MigrationPhase.Checking:
                Begin(migration, migration.IsBehind ? MigrationPhase.Checking : MigrationPhase.Pruning);
                break;
            case MigrationPhase.Pruning:
                Begin(migration, migration.IsBehind ? MigrationPhase.Checking : MigrationPhase.Validating);
                break;
            case MigrationPhase.Validating when migration.IsBehind:
                Begin(migration, MigrationPhase.Checking);
                break;
            default:
                Switch(migration);
                break;
        }
    }

    // What a writer leaves behind from now on belongs to the next pass; what it left before, a pass from the beginning repairs.
    private static void Begin(MigrationRecord migration, MigrationPhase phase)
    {
        if (phase == MigrationPhase.Checking)
            migration.IsBehind = false;
        (migration.Phase, migration.Cursor) = (phase, null);
        migration.Pass++;
    }

    private void Switch(MigrationRecord migration)
    {
        var settings = migration.IsBackwards ? migration.FromSettings : migration.ToSettings;
        state.Version = migration.IsBackwards ? migration.From : migration.To;
        state.Settings = settings with { Chunker = state.Settings!.Chunker };
        End(migration, migration.IsBackwards ? MigrationStatus.RolledBack : MigrationStatus.Completed);
    }

    private bool Fail(MigrationRecord migration, Problem failure, bool isFatal)
    {
        migration.Cause = failure;
        migration.Failures++;
        if (isFatal)
            End(migration, migration.IsBackwards ? MigrationStatus.Completed : MigrationStatus.Failed);
        else if (migration.Failures >= MaxFailures)
            migration.Status = MigrationStatus.Paused;
        return true;
    }

    private void End(MigrationRecord migration, MigrationStatus status)
    {
        migration.Status = status;
        migration.IsBackwards &= status == MigrationStatus.RolledBack;
        migration.EndedAt = time.GetUtcNow();
        _worker = null;
    }

    private static ServingVersion Old(CollectionState state, MigrationRecord migration, string collection) =>
        Version(state, collection, migration.From, migration.FromSettings);

    private static ServingVersion New(CollectionState state, MigrationRecord migration, string collection) =>
        Version(state, collection, migration.To, migration.ToSettings);

    private static ServingVersion Version(CollectionState state, string collection, int number, CollectionSettings settings) =>
        new(new CollectionVersion(collection, number), settings) { Trial = state.Trials.GetValueOrDefault(number) };
}
