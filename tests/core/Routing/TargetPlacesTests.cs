using OrleansChat.Core.Routing;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Routing;

public sealed class TargetPlacesTests
{
    private static readonly TimeSpan Alone = TimeSpan.FromMilliseconds(40);

    private readonly FakeClock _clock = new();
    private readonly TargetPlaces _places;

    public TargetPlacesTests() => _places = new TargetPlaces(1.5, _clock);

    [Fact]
    public void Begin_BeforeTheTimeAloneIsKnown_IsNeverRefused()
    {
        Assert.All(Enumerable.Range(0, 1_000), _ => Assert.NotNull(_places.TryBegin()));
        Assert.Null(_places.Limit);
    }

    [Fact]
    public void Limit_WhileNothingIsSlow_DoublesWithWhatIsInUse()
    {
        Learn();
        Assert.Equal(TargetPlaces.First, _places.Limit);
        for (var round = 0; round < 20; round++)
            Serve(TargetPlaces.First, Alone);
        Assert.Equal(2 * TargetPlaces.First, _places.Limit);

        for (var round = 0; round < 20; round++)
            Serve(10_000, Alone);
        Assert.InRange(_places.Limit!.Value, 1_000, int.MaxValue);
    }

    [Fact]
    public void Line_IsShortAlsoBeforeItWasSeen()
    {
        Learn();

        var begun = Enumerable.Range(0, 1_000).Count(_ => _places.TryBegin() is not null);

        Assert.Equal(TargetPlaces.First, begun);
    }

    [Fact]
    public void Limit_WhenCallsWaitTooLong_IsWhatIsAnsweredInTheTimeAllowed()
    {
        Learn();

        // Sixteen places of 40 ms and four times as many calls: all that wait are answered after two to four times as long as alone.
        Overload(rounds: 8, arrivals: 64);

        // 400 a second for 60 ms.
        Assert.InRange(_places.Limit!.Value, 23, 30);
    }

    [Fact]
    public void Begin_BeyondTheLimit_IsRefusedUntilACallEnds()
    {
        Learn();
        Overload(rounds: 8, arrivals: 64);
        var calls = new List<TargetPlaces.Call>();
        while (_places.TryBegin() is { } call)
            calls.Add(call);
        Assert.Equal(_places.Limit, calls.Count);

        _places.End(calls[0], isAnswered: false);

        Assert.NotNull(_places.TryBegin());
        Assert.Null(_places.TryBegin());
    }

    [Fact]
    public void Limit_WhenTheTargetIsFastAgainAndAllPlacesAreTaken_Grows()
    {
        Learn();
        Overload(rounds: 8, arrivals: 64);
        var before = _places.Limit!.Value;

        for (var round = 0; round < 50; round++)
            Serve(_places.Limit.Value, Alone);

        Assert.True(_places.Limit > 2 * before, $"{before}, {_places.Limit}");
    }

    [Fact]
    public void Limit_OfATargetThatHardlyAnswers_LeavesSomeCalls()
    {
        Learn();
        for (var round = 0; round < 5; round++)
            Serve(16, TimeSpan.FromMinutes(1));

        Assert.Equal(TargetPlaces.Least, _places.Limit);
    }

    [Fact]
    public void Failures_TellNothing()
    {
        Learn();
        for (var i = 0; i < 100; i++)
        {
            var call = _places.TryBegin()!.Value;
            _clock.Advance(TimeSpan.FromSeconds(30));
            _places.End(call, isAnswered: false);
        }

        Assert.Equal(TargetPlaces.First, _places.Limit);
    }

    /// <summary>Calls one after the other.</summary>
    private void Learn()
    {
        for (var i = 0; i < 32; i++)
            Serve(1, Alone);
    }

    /// <summary>So many calls together, answered together.</summary>
    private void Serve(int count, TimeSpan after)
    {
        var calls = Enumerable.Range(0, count).Select(_ => _places.TryBegin()).OfType<TargetPlaces.Call>().ToList();
        _clock.Advance(after);
        foreach (var call in calls)
            _places.End(call, isAnswered: true);
    }

    /// <summary>A server of sixteen places: in each round as many are answered, in order of their arrival, and others arrive.</summary>
    private void Overload(int rounds, int arrivals)
    {
        var line = new Queue<TargetPlaces.Call>();
        for (var round = 0; round < rounds || line.Count > 0; round++)
        {
            for (var i = 0; i < arrivals && round < rounds; i++)
            {
                if (_places.TryBegin() is { } call)
                    line.Enqueue(call);
            }

            for (var i = 0; i < 16; i++)
            {
                // One after the other, as sixteen that began at different times.
                _clock.Advance(Alone / 16);
                if (line.TryDequeue(out var answered))
                    _places.End(answered, isAnswered: true);
            }
        }
    }
}
