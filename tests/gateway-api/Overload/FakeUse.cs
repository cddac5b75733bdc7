using OrleansChat.GatewayApi.Overload;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Overload;

/// <summary>A process with one processor, of which it has used all until now.</summary>
internal sealed class FakeUse
{
    private readonly FakeClock _clock;
    private TimeSpan _used;
    private long _since;

    public FakeUse(FakeClock clock)
    {
        (_clock, _since) = (clock, clock.GetTimestamp());
        Use = new ProcessorUse(clock, processors: 1, Used);
        clock.Advance(ProcessorUse.Look);
        Assert.True(Use.IsBusy);
    }

    /// <summary>What is known of it.</summary>
    public ProcessorUse Use { get; }

    /// <summary>The share of the processor that it uses from now on.</summary>
    public double Share { get; set; } = 1;

    private TimeSpan Used()
    {
        var now = _clock.GetTimestamp();
        _used += Share * _clock.GetElapsedTime(_since, now);
        _since = now;
        return _used;
    }
}
