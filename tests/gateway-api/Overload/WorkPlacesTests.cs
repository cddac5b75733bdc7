using OrleansChat.GatewayApi.Overload;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Overload;

public sealed class WorkPlacesTests : IDisposable
{
    private const int Limit = 4;
    private const int Line = 3;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly FakeClock _clock = new();
    private readonly List<bool> _changes = [];
    private readonly WorkDelay _delay;
    private readonly WorkPlaces _places;

    public WorkPlacesTests()
    {
        // Work begins at once.
        _delay = new WorkDelay(_clock, new FakeUse(_clock).Use, static work => work());
        _places = new WorkPlaces(_clock, new PlaceLimit(1.5, Limit, Limit, 100), Line, alone: 1, _delay) { Changed = _changes.Add };
    }

    public void Dispose() => _places.Dispose();

    [Fact]
    public async Task Enter_WhenAllPlacesAreTaken_WaitsInLineAndGoesInInOrder()
    {
        var working = Fill();
        var (first, second) = (Wait(), Wait());
        Assert.Equal((Limit, 2), (_places.Working, _places.Waiting));

        working[0].Leave();
        Assert.True(await first.Turn);
        Assert.False(second.Turn.IsCompleted);
        working[1].Leave();
        Assert.True(await second.Turn);
        Assert.Equal((Limit, 0), (_places.Working, _places.Waiting));
        Assert.Empty(_changes);
    }

    [Fact]
    public void Enter_WhenTheLineIsFull_IsRefusedAtOnce()
    {
        Fill();
        FillLine();
        Assert.False(_places.TryEnter(New(), out _));
        Assert.True(_places.IsShedding);
        Assert.Equal([true], _changes);
    }

    [Fact]
    public void Enter_WhileRequestsAreRefused_HasHardlyAnyLine()
    {
        var working = Fill();
        FillLine();
        Assert.False(_places.TryEnter(New(), out _));
        for (var i = 0; i < Line; i++)
            working[i].Leave();

        // Half as many as there are places wait: enough to keep the places taken.
        Wait();
        Wait();
        Assert.False(_places.TryEnter(New(), out _));
    }

    [Fact]
    public void Shedding_ASecondAfterTheLastRefusal_IsOver()
    {
        var working = Fill();
        FillLine();
        Assert.False(_places.TryEnter(New(), out _));
        _clock.Advance(WorkPlaces.Calm / 2);
        Assert.False(_places.TryEnter(New(), out _));
        foreach (var work in working)
            work.Leave();

        _clock.Advance(WorkPlaces.Calm - TimeSpan.FromMilliseconds(101));
        Assert.True(_places.IsShedding);
        _clock.Advance(TimeSpan.FromMilliseconds(201));
        Assert.False(_places.IsShedding);
        Assert.Equal([true, false], _changes);
        Assert.Equal(0, _clock.ActiveTimers);
    }

    [Fact]
    public void Pause_OfWorkThatWaitsForAnUpstream_GivesItsPlaceToAnother()
    {
        var working = Fill();
        working[0].Pause();
        var other = Enter();
        working[0].Resume();

        // It has been let in before, and does not wait again.
        Assert.Equal(Limit + 1, _places.Working);
        working[0].Leave();
        other.Leave();
        Assert.Equal(Limit - 1, _places.Working);
    }

    [Fact]
    public void Pause_OfTwoWaitsAtATime_EndsWithTheLast()
    {
        var work = Enter();
        work.Pause();
        work.Pause();
        work.Resume();
        Assert.Equal(0, _places.Working);
        work.Resume();
        Assert.Equal(1, _places.Working);
    }

    [Fact]
    public void Leave_SaidAgainOrAfterAWait_CountsOnce()
    {
        var (left, paused) = (Enter(), Enter());
        left.Leave();
        left.Leave();
        left.Pause();
        left.Resume();
        paused.Pause();
        paused.Leave();
        paused.Resume();
        Assert.Equal(0, _places.Working);
    }

    [Fact]
    public async Task Work_ThatTakesLongerThanAnyWorkDoes_KeepsNoPlaceFromOthers()
    {
        var stuck = Fill();
        var next = Wait();
        _clock.Advance(WorkPlaces.Longest - Tick);
        Assert.False(next.Turn.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(await next.Turn);
        foreach (var work in stuck)
            work.Leave();
        Assert.Equal(1, _places.Working);
    }

    [Fact]
    public async Task Wait_LongerThanTheirPatience_IsRefused()
    {
        Fill();
        var waiting = Wait();
        for (var waited = TimeSpan.Zero; waited < WorkPlaces.Patience; waited += WorkPlaces.Longest / 4)
        {
            // Work that goes on and on, as no single work does.
            _clock.Advance(WorkPlaces.Longest / 4);
            if (waiting.Turn.IsCompleted)
                break;
            Restart();
        }

        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(await waiting.Turn);
        Assert.True(_places.IsShedding);
    }

    [Fact]
    public void Limit_WhenUpstreamsAreSlow_StaysAsItIs()
    {
        Learn(Tick);
        for (var i = 0; i < 200; i++)
        {
            var work = Begin(WorkKind.Call);
            _clock.Advance(Tick);
            work.Pause();
            _clock.Advance(TimeSpan.FromSeconds(30));
            work.Resume();
            work.Leave();
        }

        Assert.True(_places.Limit >= Limit);
    }

    [Fact]
    public void Limit_WhenWorkItselfIsSlower_Falls()
    {
        using var places = new WorkPlaces(_clock, new PlaceLimit(1.5, 2, 64, 100), Line, alone: 1, _delay);
        for (var i = 0; i < 100; i++)
            Work(places, 1, Tick);
        Assert.Equal(64, places.Limit);
        for (var i = 0; i < 100; i++)
            Work(places, 16, 3 * Tick);
        Assert.InRange(places.Limit, 2, 8);
    }

    [Fact]
    public void Limit_AfterFailures_StaysAsItIs()
    {
        Learn(Tick);
        for (var i = 0; i < 200; i++)
        {
            var work = Begin(WorkKind.Call);
            _clock.Advance(100 * Tick);
            work.Leave(isDone: false);
        }

        Assert.True(_places.Limit >= Limit);
    }

    private readonly List<RequestWork> _held = [];

    private void Work(WorkPlaces places, int atATime, TimeSpan time)
    {
        var batch = new List<RequestWork>();
        for (var i = 0; i < atATime; i++)
        {
            var work = new RequestWork(places) { Kind = WorkKind.Call };
            if (places.TryEnter(work, out _) is true)
                batch.Add(work);
        }

        _clock.Advance(time);
        foreach (var work in batch)
            work.Leave();
    }

    private void Learn(TimeSpan time)
    {
        for (var i = 0; i < 100; i++)
        {
            var work = Begin(WorkKind.Call);
            _clock.Advance(time);
            work.Leave();
        }
    }

    private RequestWork New() => new(_places);

    private RequestWork Begin(WorkKind kind)
    {
        var work = Enter();
        work.Kind = kind;
        return work;
    }

    private RequestWork Enter()
    {
        var work = New();
        Assert.True(_places.TryEnter(work, out _));
        return work;
    }

    private (RequestWork Work, Task<bool> Turn) Wait()
    {
        var work = New();
        Assert.Null(_places.TryEnter(work, out var turn));
        Assert.NotNull(turn);
        return (work, turn);
    }

    private List<RequestWork> Fill()
    {
        _held.Clear();
        for (var i = 0; i < Limit; i++)
            _held.Add(Enter());
        return _held;
    }

    private void FillLine()
    {
        for (var i = 0; i < Line; i++)
            Wait();
    }

    private void Restart()
    {
        foreach (var work in _held)
        {
            // Between the two nobody looks, since both happen at one time of the clock.
            work.Since = _clock.GetTimestamp();
        }
    }
}
