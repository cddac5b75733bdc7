using OrleansChat.GatewayApi.Overload;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Overload;

/// <summary>Places in an overload in which requests wait before anybody has looked at them.</summary>
public sealed class LateBeginningTests : IDisposable
{
    private const int Limit = 4;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly FakeClock _clock = new();
    private readonly Queue<Action> _queued = new();
    private readonly FakeUse _use;
    private readonly WorkPlaces _places;

    public LateBeginningTests()
    {
        _use = new FakeUse(_clock);
        _places = new WorkPlaces(_clock, new PlaceLimit(1.5, Limit, Limit, 100), maxWaiting: 1, alone: 1, new WorkDelay(_clock, _use.Use, _queued.Enqueue));
    }

    public void Dispose() => _places.Dispose();

    [Fact]
    public void Line_WithoutARefusal_IsNoReasonToAsk()
    {
        for (var i = 0; i <= Limit; i++)
            _places.TryEnter(new RequestWork(_places), out _);
        _clock.Advance(50 * Tick);

        Assert.Equal((1, 1), (_places.Waiting, _places.Share));
        Assert.Empty(_queued);
    }

    [Fact]
    public void Overload_InWhichWorkBeginsAtOnce_LetsEveryRequestAsk()
    {
        Overload();
        for (var i = 0; i < 50; i++)
        {
            _clock.Advance(Tick);
            _queued.Dequeue()();
        }

        Assert.Equal((1, 100), (_places.Share, AdmittedOf(100)));
    }

    [Fact]
    public void Overload_InWhichWorkBeginsLate_LetsAShareAsk_ThoughThereArePlaces()
    {
        Overload();
        _clock.Advance(5 * Tick);
        _queued.Dequeue()();

        Assert.Empty(_queued);
        Assert.Equal((0, AdmittedShare.Least), (_places.Working, _places.Share));
        Assert.Equal(10, AdmittedOf(160));
    }

    [Fact]
    public void Overload_OnProcessorsThatOthersKeepBusy_LetsEveryRequestAsk_HoweverLateWorkBegins()
    {
        _use.Share = ProcessorUse.Busy / 2;
        _clock.Advance(ProcessorUse.Look);
        Overload();
        _clock.Advance(50 * Tick);
        _queued.Dequeue()();
        _clock.Advance(Tick);

        Assert.Equal((1, 100), (_places.Share, AdmittedOf(100)));
    }

    [Fact]
    public void Overload_ThatIsOver_IsOver_HoweverLateWorkBegins()
    {
        Overload();
        _clock.Advance(5 * Tick);

        // No more than would have waited in line: nobody has more to do than can be done.
        Refuse(255);
        _clock.Advance(WorkPlaces.Calm);
        Assert.Equal((false, 1), (_places.IsShedding, _places.Share));

        // What was queued then tells nothing of now.
        _queued.Dequeue()();
        Assert.Equal((1, 0, 100), (_places.Share, _clock.ActiveTimers, AdmittedOf(100)));
    }

    [Fact]
    public void Overload_OfWhichOnlyAShareMayAsk_GoesOn()
    {
        Overload();
        _clock.Advance(5 * Tick);
        _clock.Advance(WorkPlaces.Calm / 2);
        Refuse(256);
        _clock.Advance(WorkPlaces.Calm - (5 * Tick));
        Assert.Equal((true, AdmittedShare.Least), (_places.IsShedding, _places.Share));
    }

    /// <summary>Has more requests come than there are places and line, and ends those that got in.</summary>
    private void Overload()
    {
        var works = Enumerable.Range(0, Limit + 1).Select(_ => new RequestWork(_places)).ToList();
        foreach (var work in works)
            _places.TryEnter(work, out _);
        Assert.False(_places.TryEnter(new RequestWork(_places), out _));
        foreach (var work in works)
            work.Leave();
        Assert.Equal((true, 0, 0), (_places.IsShedding, _places.Working, _places.Waiting));
    }

    private int AdmittedOf(int many) => Enumerable.Range(0, many).Count(_ => IsAdmitted());

    private void Refuse(int many)
    {
        while (many > 0)
            many -= IsAdmitted() ? 0 : 1;
    }

    private bool IsAdmitted()
    {
        var work = new RequestWork(_places);
        var isIn = _places.TryEnter(work, out _);
        work.Leave();
        return isIn is true;
    }
}
