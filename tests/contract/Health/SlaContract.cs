using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Health.Sla;

namespace OrleansChat.Contract.Tests.Health;

/// <summary>What the owner of the history of health promises on every host, seen by the processes that report to it.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class SlaContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    [Fact]
    public async Task Processes_CountIntoTheSameWindows_AndSeeTheSame()
    {
        var (one, other) = (New(), New());
        Look(one, looks: 30, good: 30);
        Look(other, looks: 10, good: 0);
        Assert.Equal((100, 0), (Share(one), Share(other)));

        Assert.True(await one.ReportAsync(default));
        Assert.True(await other.ReportAsync(default));
        Assert.True(await one.ReportAsync(default));

        Assert.Equal((75, 75), (Share(one), Share(other)));
        Assert.Equal(new SlaCount(30, 40), one.Of("journal").Month);
    }

    [Fact]
    public async Task Windows_OutliveACrash()
    {
        var before = New();
        Look(before, looks: 8, good: 6);
        Assert.True(await before.ReportAsync(default));
        await Host.CrashAsync();

        var after = New();
        Look(after, looks: 2, good: 2);
        Assert.Equal(100, Share(after));
        Assert.True(await after.ReportAsync(default));
        Assert.Equal(80, Share(after));
    }

    [Fact]
    public async Task Windows_MoveOn()
    {
        var sla = New();
        Look(sla, looks: 4, good: 0);
        Assert.True(await sla.ReportAsync(default));
        Clock.Advance(TimeSpan.FromHours(24));
        Look(sla, looks: 4, good: 4);
        Assert.True(await sla.ReportAsync(default));

        Assert.Equal((100, 50), (Share(sla), sla.Of("journal").Week.Share()));
    }

    [Fact]
    public async Task Report_ThatIsRepeated_CountsOnce()
    {
        var report = new SlaReport("process", 1, [new SlaHour("journal", Clock.GetUtcNow().ToUnixTimeSeconds() / 3600, 3, 4)]);
        await Actors.Sla().ReportAsync(report, default);
        await Host.CrashAsync();
        await Actors.Sla().ReportAsync(report, default);
        Assert.Equal(new SlaCount(3, 4), (await Actors.Sla().ReadAsync(default)).Components["journal"].Day);

        await Actors.Sla().ReportAsync(report with { Sequence = 2 }, default);
        Assert.Equal(new SlaCount(6, 8), (await Actors.Sla().ReadAsync(default)).Components["journal"].Day);
    }

    [Fact]
    public async Task Look_MoreOftenThanThePeriod_CountsOnce()
    {
        var sla = New();
        for (var look = 0; look < 50; look++)
            sla.Count([("journal", look > 0)]);
        Assert.True(await sla.ReportAsync(default));
        Assert.Equal(new SlaCount(0, 1), sla.Of("journal").Day);
    }

    private static double Share(SlaRecorder sla) => sla.Of("journal").Day.Share();

    private void Look(SlaRecorder sla, int looks, int good)
    {
        for (var look = 0; look < looks; look++)
        {
            sla.Count([("journal", look < good)]);
            Clock.Advance(SlaRecorder.Period);
        }
    }

    private SlaRecorder New() => new(Actors, Clock, NullLogger<SlaRecorder>.Instance);
}
