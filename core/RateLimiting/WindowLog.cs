using System.Buffers;

namespace OrleansChat.Core.RateLimiting;

/// <summary>A <see cref="SlidingWindow"/> as bytes: pairs of the ticks since the moment before and the amount, each a base-128 number (LEB128).</summary>
internal static class WindowLog
{
    private const int Bits = 7;
    private const byte More = 0x80;

    /// <summary>Writes a window.</summary>
    /// <param name="window">The window.</param>
    /// <param name="exact">
    /// Whether every moment is kept. A coarse log merges moments into later ones, so that it is short and never says that there is more room
    /// than there is.
    /// </param>
    /// <returns>The bytes; null for an empty window.</returns>
    public static byte[]? Write(SlidingWindow window, bool exact)
    {
        if (window.Count == 0)
            return null;

        var bytes = new ArrayBufferWriter<byte>();
        long before = 0;
        foreach (var (ticks, amount) in exact ? window.Moments() : Coarse(window))
        {
            WriteNumber(bytes, ticks - before);
            WriteNumber(bytes, amount);
            before = ticks;
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Counts what a log holds.</summary>
    /// <param name="log">The bytes; null for none.</param>
    /// <param name="window">An empty window to count in.</param>
    /// <param name="now">Now: a moment that lies after it, as from a clock that was ahead, is counted as now.</param>
    public static void Read(byte[]? log, SlidingWindow window, long now)
    {
        ReadOnlySpan<byte> rest = log;
        long at = 0;
        while (!rest.IsEmpty)
        {
            at += ReadNumber(ref rest);
            window.Add(Math.Min(at, now), ReadNumber(ref rest));
        }

        window.Advance(now);
    }

    private static IEnumerable<(long Ticks, long Amount)> Coarse(SlidingWindow window) =>
        window.Parts.Where(static part => part.Amount > 0).Select(static part => (part.Last, part.Amount));

    private static void WriteNumber(ArrayBufferWriter<byte> bytes, long number)
    {
        var rest = (ulong)number;
        var span = bytes.GetSpan(10);
        var written = 0;
        while (rest >= More)
        {
            span[written++] = (byte)(rest | More);
            rest >>= Bits;
        }

        span[written++] = (byte)rest;
        bytes.Advance(written);
    }

    private static long ReadNumber(ref ReadOnlySpan<byte> bytes)
    {
        ulong number = 0;
        for (var shift = 0; ; shift += Bits)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            number |= (ulong)(next & ~More) << shift;
            if (next < More)
                return (long)number;
        }
    }
}
