namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>The machine's clock, ahead by as much as a test says. Its timers are the machine's.</summary>
public sealed class AheadClock : TimeProvider
{
    private long _ticks;

    /// <summary>How far it is ahead.</summary>
    public TimeSpan Ahead
    {
        get => new(Volatile.Read(ref _ticks));
        set => Volatile.Write(ref _ticks, value.Ticks);
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
}
