using OrleansChat.Core.Actors;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.RateLimiting;

public sealed class SteadyClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9_999)]
    [InlineData(10_001)]
    public async Task Until_AMomentBetweenTwoMilliseconds_IsNeverOverBeforeIt(long ticks)
    {
        var time = new FakeClock();
        var clock = new SteadyClock(time);
        var moment = clock.Now + ticks;
        var wait = clock.UntilAsync(moment, CancellationToken.None);
        time.Advance(TimeSpan.FromTicks(ticks - 1));
        Assert.False(wait.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await wait;
    }

    [Fact]
    public async Task Until_AMomentThatIsPast_IsOverAtOnce()
    {
        var clock = new SteadyClock(new FakeClock());
        await clock.UntilAsync(clock.Now - 5, CancellationToken.None);
    }
}
