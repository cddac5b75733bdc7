using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansChat.Bench.Soak;

/// <summary>What a soak has seen.</summary>
internal sealed class SoakReport
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _disconnects;
    private long _live;
    private long _turns;
    private long _events;
    private long _refused;

    /// <summary>What was not as it should be, one line each.</summary>
    public ConcurrentQueue<string> Deviations { get; } = new();

    /// <summary>Connections that were broken off.</summary>
    public long Disconnects => Interlocked.Read(ref _disconnects);

    /// <summary>Of those, the ones whose turn was still running.</summary>
    public long Live => Interlocked.Read(ref _live);

    /// <summary>Turns that were compared to their end.</summary>
    public long Turns => Interlocked.Read(ref _turns);

    /// <summary>Events that were compared.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>A connection was refused, and asked for again.</summary>
    public void Refused() => Interlocked.Increment(ref _refused);

    public void Disconnected(bool isLive)
    {
        Interlocked.Increment(ref _disconnects);
        if (isLive)
            Interlocked.Increment(ref _live);
    }

    public void TurnEnded(int events)
    {
        Interlocked.Increment(ref _turns);
        Interlocked.Add(ref _events, events);
    }

    public void Write(TextWriter output)
    {
        output.WriteLine(
            $"{Disconnects:N0} disconnects, {Live:N0} of them while the turn ran; {Turns:N0} turns of {Events:N0} events in {Stopwatch.GetElapsedTime(_start).TotalSeconds:F1} s");
        output.WriteLine($"{Interlocked.Read(ref _refused):N0} connections refused because there was too much to do, and asked for again");
        output.WriteLine($"{Deviations.Count} deviations");
        foreach (var deviation in Deviations.Take(20))
            output.WriteLine($"  {deviation}");
    }
}
