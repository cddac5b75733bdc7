using OrleansChat.Core.Health;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Overload;

public sealed class LoadGateTests : IDisposable
{
    private static readonly TimeSpan Step = WorkPlaces.Longest * 0.9;

    private readonly FakeClock _clock = new();
    private readonly TestMeters _meters = new();
    private readonly LoadGate _gate;

    public LoadGateTests() => _gate = new LoadGate(
        new GatewayOptions { MaxLag = TimeSpan.Zero }, _meters, () => TimeSpan.Zero, _clock, new Fallbacks(), new WorkDelay(_clock, new FakeUse(_clock).Use, static work => work()));

    public void Dispose()
    {
        _gate.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task TryDo_ThatWaitsInVain_DoesNothingAndIsNotInFlight()
    {
        // Who was let in before goes on without a wait: three shifts of them keep all places taken, and none for as long as would be given up.
        var shifts = Enumerable.Range(0, 3).Select(_ => Shift()).ToList();
        foreach (var work in shifts[0])
            work.Resume();
        var waiting = _gate.TryDoAsync(_ => throw new InvalidOperationException("It was let in.")).AsTask();
        Assert.Equal(1, _gate.Waiting);
        var inFlight = _gate.InFlight;

        foreach (var shift in shifts.Skip(1))
        {
            _clock.Advance(Step);
            foreach (var work in shift)
                work.Resume();
        }

        _clock.Advance(WorkPlaces.Patience - (2 * Step) + TimeSpan.FromMilliseconds(100));

        Assert.False(await waiting.WaitAsync(TestWait.Limit));
        Assert.Equal(inFlight - 1, _gate.InFlight);
    }

    [Fact]
    public async Task TryDo_OfWhatFails_GivesItsPlaceBack()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _gate.TryDoAsync(_ => throw new InvalidOperationException()).AsTask());
        Assert.Equal((0, 0), (_gate.InFlight, _gate.Working));
    }

    [Fact]
    public void LeaveSocket_CountsOnce()
    {
        Assert.True(_gate.TryEnter(out var work, out _));
        _gate.LeaveSocket(work);
        _gate.Leave(work, isDone: true);
        Assert.Equal((0, 0), (_gate.InFlight, _gate.Working));
    }

    /// <summary>As much work as there are places, all of it waiting for upstreams.</summary>
    private List<RequestWork> Shift()
    {
        var shift = new List<RequestWork>();
        for (var limit = 16 * Environment.ProcessorCount; shift.Count < limit;)
        {
            Assert.True(_gate.TryEnter(out var work, out _));
            work.Pause();
            shift.Add(work);
        }

        return shift;
    }
}
