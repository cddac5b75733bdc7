using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Health.Sla;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Health;

public sealed class SlaRecorderTests
{
    private readonly FakeClock _clock = new();
    private readonly Kept _kept = new();

    [Fact]
    public async Task Share_IsThatOfTheLooksInItsWindow()
    {
        var sla = New();
        for (var look = 0; look < 360; look++)
            await LookAsync(sla, good: look >= 90);
        Assert.Equal(75, sla.Share("journal", 24));

        _clock.Advance(TimeSpan.FromHours(24));
        for (var look = 0; look < 10; look++)
            await LookAsync(sla, good: true);

        Assert.Equal(100, sla.Share("journal", 24));
        Assert.Equal(Math.Round(280 * 100.0 / 370, 4), sla.Share("journal", SlaHistory.Hours));
    }

    [Fact]
    public async Task Count_MoreOftenThanThePeriod_CountsOnce()
    {
        var sla = New();
        for (var look = 0; look < 50; look++)
            await sla.CountAsync([("journal", look > 0)], default);
        Assert.Equal(0, sla.Share("journal", 24));
    }

    [Fact]
    public async Task History_SurvivesARestart()
    {
        var sla = New();
        for (var look = 0; look < 8; look++)
            await LookAsync(sla, good: look >= 2);
        await sla.SaveAsync(default);

        var next = New();
        await LookAsync(next, good: true);
        await LookAsync(next, good: true);

        Assert.Equal(80, next.Share("journal", 24));
    }

    [Fact]
    public async Task History_IsKeptEveryMinuteWithoutAStop()
    {
        var sla = New();
        for (var look = 0; look < 14; look++)
            await LookAsync(sla, good: true);
        Assert.InRange(_kept.Saves, 2, 3);
    }

    [Fact]
    public async Task AStoreThatFails_LosesNothingInMemory()
    {
        _kept.Fails = true;
        var sla = New();
        await LookAsync(sla, good: false);
        _kept.Fails = false;
        await LookAsync(sla, good: true);
        Assert.Equal(100, sla.Share("journal", 24));
    }

    [Fact]
    public async Task History_OlderThanTheLongestWindow_IsForgotten()
    {
        var sla = New();
        await LookAsync(sla, good: false);
        _clock.Advance(TimeSpan.FromHours(SlaHistory.Hours));
        await LookAsync(sla, good: true);
        await sla.SaveAsync(default);
        Assert.Equal(100, sla.Share("journal", SlaHistory.Hours));
        Assert.Single(_kept.History!["journal"]);
    }

    private async Task LookAsync(SlaRecorder sla, bool good)
    {
        await sla.CountAsync([("journal", good)], default);
        _clock.Advance(SlaRecorder.Period);
    }

    private SlaRecorder New() => new([_kept], _clock, NullLogger<SlaRecorder>.Instance);

    private sealed class Kept : ISlaStore
    {
        public Dictionary<string, SlaHour[]>? History { get; private set; }

        public int Saves { get; private set; }

        public bool Fails { get; set; }

        public ValueTask<Dictionary<string, SlaHour[]>?> LoadAsync(CancellationToken cancellationToken) =>
            Fails ? throw new IOException("gone") : ValueTask.FromResult(History);

        public ValueTask SaveAsync(Dictionary<string, SlaHour[]> history, CancellationToken cancellationToken)
        {
            Saves++;
            History = history;
            return ValueTask.CompletedTask;
        }
    }
}
