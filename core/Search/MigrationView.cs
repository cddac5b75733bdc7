using System.Text.Json.Serialization;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Search;

/// <summary>How a migration stands.</summary>
public enum MigrationStatus
{
    /// <summary>The new version is being filled; the old one answers.</summary>
    Running,

    /// <summary>As <see cref="Running"/>, but nothing is done until it is resumed.</summary>
    Paused,

    /// <summary>The new version answers; the old one is kept.</summary>
    Completed,

    /// <summary>The old version is brought up to date, to answer again.</summary>
    RollingBack,

    /// <summary>The old version answers again.</summary>
    RolledBack,

    /// <summary>The new version did not pass its checks; the old one answers on.</summary>
    Failed,

    /// <summary>The new version answers, and the old one is gone.</summary>
    Finished,
}

/// <summary>What a migration does at a time.</summary>
public enum MigrationPhase
{
    /// <summary>Copies documents, embedded anew.</summary>
    Filling,

    /// <summary>Goes through all documents once more, for what a crash may have left behind.</summary>
    Checking,

    /// <summary>Removes what the other version does not have, and replaces what it has newer.</summary>
    Pruning,

    /// <summary>Compares counts and samples of both versions.</summary>
    Validating,
}

/// <summary>What can be asked of a migration.</summary>
public enum MigrationCommand
{
    /// <summary>Stop until resumed.</summary>
    Pause,

    /// <summary>Go on.</summary>
    Resume,

    /// <summary>Let the old version answer: give up while it still does, or bring it up to date and switch back.</summary>
    Rollback,

    /// <summary>Drop the version that is not used any more.</summary>
    Finish,
}

/// <summary>A change of a collection from one version to another.</summary>
public sealed record MigrationView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The collection.</summary>
    public required string Collection { get; init; }

    /// <summary>How it stands.</summary>
    public required MigrationStatus Status { get; init; }

    /// <summary>What it does at this time.</summary>
    public required MigrationPhase Phase { get; init; }

    /// <summary>The version before, such as <c>docs_v1</c>.</summary>
    public required string From { get; init; }

    /// <summary>The new version.</summary>
    public required string To { get; init; }

    /// <summary>The embedding model before.</summary>
    public required string PreviousModel { get; init; }

    /// <summary>The new embedding model.</summary>
    public required string EmbeddingModel { get; init; }

    /// <summary>Documents at the start.</summary>
    public required long TotalDocuments { get; init; }

    /// <summary>Documents gone through so far in the first pass.</summary>
    public required long DoneDocuments { get; init; }

    /// <summary>The part that is done, 0 to 1.</summary>
    public double Progress => Status is MigrationStatus.Completed or MigrationStatus.Finished || Phase != MigrationPhase.Filling ? 1
        : TotalDocuments == 0 ? 0 : Math.Min(1, (double)DoneDocuments / TotalDocuments);

    /// <summary>Of sampled passages that the old version finds by their own words, the share that the new one finds too; null before that is known.</summary>
    public double? Recall { get; init; }

    /// <summary>Why it failed or paused by itself, or what went wrong last.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Problem? Cause { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it came to its last status; null while it is under way.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Migrations of a collection, newest first.</summary>
/// <param name="Items">The migrations.</param>
public sealed record MigrationList(IReadOnlyList<MigrationView> Items);

/// <summary>Versions that a write has to reach.</summary>
/// <param name="Versions">The one that answers queries first.</param>
public sealed record VersionList(IReadOnlyList<ServingVersion> Versions);

/// <summary>A step of a migration that is to be done.</summary>
/// <param name="Id">The migration's id.</param>
/// <param name="Phase">What is to be done.</param>
/// <param name="Source">Where documents are as they should be.</param>
/// <param name="Target">Where they are to be brought.</param>
/// <param name="Cursor">Where the pass goes on; null at its beginning.</param>
/// <param name="Pass">Counts the passes of the phase, so that what belongs to an earlier one is told from what is new.</param>
public sealed record MigrationWork(string Id, MigrationPhase Phase, ServingVersion Source, ServingVersion Target, string? Cursor, int Pass)
{
    /// <summary>Counts the workers that took the work, so that one whose work another has taken since is told from that one.</summary>
    public int Lease { get; init; }
}

/// <summary>What was done of a migration.</summary>
public sealed record MigrationProgress
{
    /// <summary>The phase that was worked on; a report on another one than is under way, or by a worker whose work another has taken, changes nothing.</summary>
    public required MigrationPhase Phase { get; init; }

    /// <summary>The pass that was worked on.</summary>
    public int Pass { get; init; }

    /// <summary>The worker's number, as <see cref="MigrationWork.Lease"/>; null from a release that did not count, and from writers.</summary>
    public int? Lease { get; init; }

    /// <summary>Where the pass goes on.</summary>
    public string? Cursor { get; init; }

    /// <summary>Whether the phase is complete.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Documents gone through.</summary>
    public int Documents { get; init; }

    /// <summary>A writer could not bring a document to the target: the documents have to be gone through once more.</summary>
    public bool IsBehind { get; init; }

    /// <summary>The share of samples found; see <see cref="MigrationView.Recall"/>.</summary>
    public double? Recall { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public Problem? Failure { get; init; }

    /// <summary>Whether the failure is final.</summary>
    public bool IsFatal { get; init; }
}
