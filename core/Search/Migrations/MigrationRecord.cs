using System.Globalization;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Search.Migrations;

/// <summary>What is durable of a migration.</summary>
public sealed class MigrationRecord
{
    /// <summary>Its id.</summary>
    public required string Id { get; set; }

    /// <summary>The version before.</summary>
    public required int From { get; set; }

    /// <summary>The settings before.</summary>
    public required CollectionSettings FromSettings { get; set; }

    /// <summary>The new version.</summary>
    public required int To { get; set; }

    /// <summary>The new settings.</summary>
    public required CollectionSettings ToSettings { get; set; }

    /// <summary>How it stands.</summary>
    public MigrationStatus Status { get; set; }

    /// <summary>Whether it was rolling back when it was paused.</summary>
    public bool IsBackwards { get; set; }

    /// <summary>What it does.</summary>
    public MigrationPhase Phase { get; set; }

    /// <summary>Where the phase goes on.</summary>
    public string? Cursor { get; set; }

    /// <summary>Counts up whenever a phase begins.</summary>
    public int Pass { get; set; }

    /// <summary>Counts up whenever another worker takes the work: what one with a lower number reports came too late.</summary>
    public int Lease { get; set; }

    /// <summary>Whether a writer left something behind in this pass.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Documents at the start.</summary>
    public long Total { get; set; }

    /// <summary>Documents gone through in the first pass.</summary>
    public long Done { get; set; }

    /// <summary>Failures one after the other.</summary>
    public int Failures { get; set; }

    /// <summary>The share of samples found.</summary>
    public double? Recall { get; set; }

    /// <summary>What went wrong last.</summary>
    public Problem? Cause { get; set; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Whether work is to be done, or will be when it is resumed.</summary>
    internal bool IsActive => Status is MigrationStatus.Running or MigrationStatus.Paused or MigrationStatus.RollingBack;

    /// <summary>What clients see.</summary>
    internal MigrationView View(string collection) => new()
    {
        Id = Id,
        Collection = collection,
        Status = Status,
        Phase = Phase,
        From = string.Create(CultureInfo.InvariantCulture, $"{collection}_v{From}"),
        To = string.Create(CultureInfo.InvariantCulture, $"{collection}_v{To}"),
        PreviousModel = FromSettings.EmbeddingModel,
        EmbeddingModel = ToSettings.EmbeddingModel,
        TotalDocuments = Total,
        DoneDocuments = Done,
        Recall = Recall,
        Cause = Cause,
        StartedAt = StartedAt,
        EndedAt = EndedAt,
    };
}
