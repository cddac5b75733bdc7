using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Standalone.Journal;

/// <summary>What a <see cref="Journal"/> needs to know about its folder and its sizes.</summary>
public sealed record JournalOptions
{
    /// <summary>Default of <see cref="SegmentBytes"/>: 64 MiB.</summary>
    public const int DefaultSegmentBytes = 64 * 1024 * 1024;

    /// <summary>Default of <see cref="MaxValueBytes"/>: 16 MiB.</summary>
    public const int DefaultMaxValueBytes = 16 * 1024 * 1024;

    /// <summary>Default of <see cref="MaxBatchBytes"/>: 1 MiB.</summary>
    public const int DefaultMaxBatchBytes = 1024 * 1024;

    /// <summary>Default of <see cref="CompactionGarbageRatio"/>: one half.</summary>
    public const double DefaultCompactionGarbageRatio = 0.5;

    /// <summary>The longest key, in UTF-8 bytes.</summary>
    public const int MaxKeyBytes = 1024;

    /// <summary>The folder that holds the journal; created when missing. One journal, in one process, per folder.</summary>
    [Required]
    public required string DataDirectory { get; init; }

    /// <summary>The size in bytes at which a segment is sealed and a new one begun. A segment may pass it by one batch.</summary>
    /// <value>Default 64 MiB; 4 KiB to 1 GiB.</value>
    [Range(4 * 1024, 1024 * 1024 * 1024)]
    public int SegmentBytes { get; init; } = DefaultSegmentBytes;

    /// <summary>The longest value in bytes; a longer one is refused with an <see cref="ArgumentException"/>.</summary>
    /// <value>Default 16 MiB; 1 KiB to 512 MiB.</value>
    [Range(1024, 512 * 1024 * 1024)]
    public int MaxValueBytes { get; init; } = DefaultMaxValueBytes;

    /// <summary>
    /// How many bytes of keys and values share one write and one flush at most. One value larger than this forms a batch of its own.
    /// </summary>
    /// <value>Default 1 MiB; 4 KiB to 256 MiB.</value>
    [Range(4 * 1024, 256 * 1024 * 1024)]
    public int MaxBatchBytes { get; init; } = DefaultMaxBatchBytes;

    /// <summary>
    /// The share of garbage (overwritten and deleted records) in a sealed segment from which the segment is compacted
    /// by itself. At 0.5 the sealed segments take at most about twice the bytes of what is alive. 1 turns it off.
    /// </summary>
    /// <value>Default 0.5; 0.05 to 1.</value>
    [Range(0.05, 1)]
    public double CompactionGarbageRatio { get; init; } = DefaultCompactionGarbageRatio;
}
