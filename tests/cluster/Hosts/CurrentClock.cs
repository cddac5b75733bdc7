using OrleansChat.Testing;

namespace OrleansChat.Cluster.Tests.Hosts;

/// <summary>The clock of the test that runs now, for silos that outlive a test.</summary>
internal sealed class CurrentClock : TimeProvider
{
    /// <summary>The clock of the test that runs now.</summary>
    public FakeClock Current { get; set; } = new();

    /// <inheritdoc/>
    public override long TimestampFrequency => Current.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Current.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => Current.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Current.CreateTimer(callback, state, dueTime, period);
}
