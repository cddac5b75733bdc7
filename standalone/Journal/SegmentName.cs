using System.Globalization;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// A segment's file name: <c>0000000007.log</c> for what writers append to, <c>0000000008.merged</c> for what compaction made.
/// Only the log with the highest id may have a torn tail; a merged segment appears complete, by renaming.
/// </summary>
internal readonly record struct SegmentName(int Id, bool IsMerged)
{
    /// <summary>The extension of a merged segment that is not complete yet; removed at the next start.</summary>
    public const string UnfinishedExtension = ".unfinished";

    private const string LogExtension = ".log";
    private const string MergedExtension = ".merged";
    private const int Digits = 10;

    public string FileName => Id.ToString("D10", CultureInfo.InvariantCulture) + (IsMerged ? MergedExtension : LogExtension);

    public static SegmentName? TryParse(string path)
    {
        var extension = Path.GetExtension(path);
        var stem = Path.GetFileNameWithoutExtension(path);
        return extension is LogExtension or MergedExtension
            && stem.Length == Digits
            && int.TryParse(stem, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? new SegmentName(id, extension == MergedExtension)
                : null;
    }
}
