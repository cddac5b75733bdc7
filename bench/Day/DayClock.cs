namespace OrleansChat.Bench.Day;

/// <summary>
/// The machine's clock, set to noon and moved on by what nobody waits for: the nights. A run that begins late in the evening has no midnight in the middle of
/// a day. Timers that run go by the machine's own time.
/// </summary>
internal sealed class DayClock : TimeProvider
{
    private static readonly TimeSpan NoonOfTomorrow = TimeSpan.FromHours(36);

    private long _ahead = (NoonOfTomorrow - System.GetUtcNow().TimeOfDay).Ticks;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Moves it on.</summary>
    public void Advance(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    /// <inheritdoc/>
    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Interlocked.Read(ref _ahead);
}
