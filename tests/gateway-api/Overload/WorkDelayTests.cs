using OrleansChat.GatewayApi.Overload;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Overload;

public sealed class WorkDelayTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly FakeClock _clock = new();
    private readonly Queue<Action> _queued = new();
    private readonly FakeUse _use;
    private readonly WorkDelay _delay;

    public WorkDelayTests()
    {
        _use = new FakeUse(_clock);
        _delay = new WorkDelay(_clock, _use.Use, _queued.Enqueue);
    }

    [Fact]
    public void Ask_ForTheFirstTime_KnowsNothing() => Assert.Null(_delay.Ask());

    [Fact]
    public void Ask_WhileTheLastQuestionWaits_SaysForHowLong_AndQueuesNoOther()
    {
        _delay.Ask();
        _clock.Advance(3 * Tick);

        Assert.Equal((3 * Tick, 1), (_delay.Ask(), _queued.Count));
    }

    [Fact]
    public void Ask_AfterTheLastQuestionHasBegun_SaysHowLongItWaited_HoweverLongAgo()
    {
        _delay.Ask();
        _clock.Advance(2 * Tick);
        _queued.Dequeue()();
        _clock.Advance(50 * Tick);

        Assert.Equal((2 * Tick, 1), (_delay.Ask(), _queued.Count));
    }

    [Fact]
    public void Ask_WhereOthersKeepTheProcessorsBusy_SaysThatNothingIsLate()
    {
        _delay.Ask();
        _use.Share = ProcessorUse.Busy / 2;
        _clock.Advance(ProcessorUse.Look);
        Assert.Equal(TimeSpan.Zero, _delay.Ask());
        _queued.Dequeue()();
        Assert.Equal(TimeSpan.Zero, _delay.Ask());

        _use.Share = 1;
        _clock.Advance(ProcessorUse.Look);
        Assert.Equal(ProcessorUse.Look, _delay.Ask());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ask_AfterWhatWasAskedIsForgotten_KnowsNothing(bool beginsBefore)
    {
        _delay.Ask();
        if (beginsBefore)
            _queued.Dequeue()();
        _delay.Forget();
        if (!beginsBefore)
            _queued.Dequeue()();

        Assert.Null(_delay.Ask());
    }
}
