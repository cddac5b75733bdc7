using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

/// <summary>Short forms for opening and using a journal in tests.</summary>
internal static class Journals
{
    public const int SmallSegment = 4096;

    /// <summary>Many small segments, and compaction only when asked.</summary>
    public static JournalOptions Small { get; } = new() { DataDirectory = "", SegmentBytes = SmallSegment, CompactionGarbageRatio = 1 };

    public static Task<Journal.Journal> OpenAsync(TemporaryFolder folder, IJournalFiles? files = null, JournalOptions? options = null) => Journal.Journal.OpenAsync(
        (options ?? Small) with { DataDirectory = folder.Path },
        TimeProvider.System,
        NullLogger<Journal.Journal>.Instance,
        files ?? new DiskFiles(),
        CancellationToken.None);

    public static Task<Journal.Journal> OpenAtAsync(string path) => Journal.Journal.OpenAsync(
        Small with { DataDirectory = path }, TimeProvider.System, NullLogger<Journal.Journal>.Instance, CancellationToken.None);

    public static ValueTask<long> PutAsync(this Journal.Journal journal, string key, string value, long? expectedVersion = null) =>
        journal.PutAsync(key, Encoding.UTF8.GetBytes(value), expectedVersion, CancellationToken.None);

    public static ValueTask DeleteAsync(this Journal.Journal journal, string key, long? expectedVersion = null) =>
        journal.DeleteAsync(key, expectedVersion, CancellationToken.None);

    public static async Task<string?> TextAsync(this Journal.Journal journal, string key) =>
        await journal.ReadAsync(key, CancellationToken.None) is { } value ? Encoding.UTF8.GetString(value.Bytes.Span) : null;

    public static async Task<Dictionary<string, string>> AllAsync(this Journal.Journal journal, string prefix = "")
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var (key, value) in journal.ReadAllAsync(prefix, CancellationToken.None))
            all.Add(key, Encoding.UTF8.GetString(value.Bytes.Span));
        return all;
    }
}
