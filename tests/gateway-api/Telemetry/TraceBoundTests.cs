using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Telemetry;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Telemetry;

public sealed class TraceBoundTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void TryTake_AtOnce_HasRoomForOneSecond()
    {
        var bound = new TraceBound(3, _clock);

        Assert.Equal([true, true, true, false, false], Enumerable.Range(0, 5).Select(_ => bound.TryTake()));
        Assert.Equal(2, bound.Dropped);
    }

    [Fact]
    public void TryTake_AfterItsShareOfASecond_HasRoomForOneMore()
    {
        var bound = new TraceBound(4, _clock);
        while (bound.TryTake())
        {
        }

        _clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(bound.TryTake());
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(bound.TryTake());
        Assert.False(bound.TryTake());
    }

    [Fact]
    public void TryTake_AfterAQuietHour_HasRoomForOneSecondOnly()
    {
        var bound = new TraceBound(2, _clock);
        bound.TryTake();
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => bound.TryTake()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void TryTake_OverManySeconds_IsNeverMoreThanAllowed_AndLessByOneAtMost(int perSecond)
    {
        var bound = new TraceBound(perSecond, _clock);
        var taken = 0;
        for (var second = 0; second < 3; second++)
        {
            while (bound.TryTake())
                taken++;
            Assert.InRange(taken, ((second + 1) * perSecond) - 1, (second + 1) * perSecond);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task TryTake_FromManyThreads_GivesWhatThereIsOnce()
    {
        const int most = 1_000, threads = 8;
        var bound = new TraceBound(most, _clock);

        var taken = await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(() => Enumerable.Range(0, most).Count(_ => bound.TryTake()))));

        Assert.Equal((most, (long)(threads - 1) * most), (taken.Sum(), bound.Dropped));
    }

    [Fact]
    public void Request_WithoutATrace_IsRecordedWhileThereIsRoom()
    {
        var sampler = Sampler(TraceOrigin.Clients, mostTraces: 2);

        Assert.Equal([true, true, false], [Asks(sampler), Asks(sampler), Asks(sampler)]);
    }

    [Fact]
    public void Request_WhoseClientRecords_TakesRoomAsAnyOther()
    {
        var sampler = Sampler(TraceOrigin.Clients, mostTraces: 2);

        Assert.Equal([true, true, false, false], [Asks(sampler, Remote(true)), Asks(sampler), Asks(sampler, Remote(true)), Asks(sampler)]);
    }

    [Fact]
    public void Request_WhoseClientDoesNotRecord_IsNotRecordedAndTakesNoRoom()
    {
        var sampler = Sampler(TraceOrigin.Clients, mostTraces: 1);

        Assert.Equal([false, false, true], [Asks(sampler, Remote(false)), Asks(sampler, Remote(false)), Asks(sampler)]);
    }

    [Fact]
    public void Request_WhoseGatewayRecords_IsRecordedWithoutRoom()
    {
        var sampler = Sampler(TraceOrigin.Gateways, mostTraces: 1);

        Assert.Equal([true, true, true, false], [Asks(sampler, Remote(true)), Asks(sampler, Remote(true)), Asks(sampler), Asks(sampler)]);
    }

    [Fact]
    public void Span_WithinARecordedTrace_IsRecordedWithoutRoom()
    {
        var sampler = Sampler(TraceOrigin.Clients, mostTraces: 1);
        Assert.True(Asks(sampler));

        var within = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        Assert.True(Asks(sampler, within));
    }

    [Fact]
    public void Ratio_IsAskedFirst_SoThatWhatItLeavesOutTakesNoRoom()
    {
        var sampler = Sampler(TraceOrigin.Clients, mostTraces: 1, ratio: 0);

        Assert.Equal([false, false, true], [Asks(sampler), Asks(sampler), Asks(sampler, Remote(true))]);
    }

    [Fact]
    public void None_RecordsEverything()
    {
        var sampler = Sampler(TraceOrigin.Clients, mostTraces: 0);

        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.True(Asks(sampler)));
    }

    private static ActivityContext Remote(bool isRecorded) => new(
        ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), isRecorded ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: true);

    private static bool Asks(Sampler sampler, ActivityContext parent = default) =>
        sampler.ShouldSample(new SamplingParameters(parent, ActivityTraceId.CreateRandom(), "request", ActivityKind.Server)).Decision is SamplingDecision.RecordAndSample;

    private ParentBasedSampler Sampler(TraceOrigin origin, int mostTraces, double ratio = 1) =>
        OtlpExport.Sampler(new TelemetryOptions { MaxTracesPerSecond = mostTraces, TraceRatio = ratio }, origin, _services.GetRequiredService<IMeterFactory>(), _clock);
}
