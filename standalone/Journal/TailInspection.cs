using Microsoft.Win32.SafeHandles;

namespace OrleansChat.Standalone.Journal;

/// <summary>Tells a torn tail from corruption, as <see cref="RecordHeader"/> explains.</summary>
internal static class TailInspection
{
    /// <summary>
    /// Whether a valid record of a later batch follows the damage, which proves that the damaged bytes had been flushed.
    /// Searches byte by byte, because the damage may have hit a length.
    /// </summary>
    public static bool WasFlushed(SafeFileHandle file, uint salt, long damage, long length)
    {
        var bytes = new byte[length - damage];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), damage + read) is > 0 and var more)
            read += more;

        for (var at = 1; at <= read - RecordHeader.Bytes; at++)
        {
            var header = RecordHeader.Read(bytes.AsSpan(at));
            if (header.BatchStart > damage
                && header.IsPlausibleAt(damage + at)
                && header.ValueLength <= read - at - RecordHeader.Bytes - header.KeyLength
                && RecordHeader.IsIntact(bytes.AsSpan(at, header.RecordLength), salt))
                return true;
        }

        return false;
    }
}
