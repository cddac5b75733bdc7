using System.Net;
using OrleansChat.Silo.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Silo.Tests.Telemetry;

/// <summary>What the shipped alerts say of two silos, each a process of its own, while they are killed and started again.</summary>
public sealed class SiloLossTests
{
    [PrometheusFact(RedisProcess.Program)]
    public async Task Silo_ThatIsKilled_IsToldOfUntilAnotherIsThere()
    {
        await using var redis = RedisProcess.Start();
        await using var left = Start(redis);
        await using var lost = Start(redis);
        var both = await BothAsync(left, lost);

        await lost.KillAsync();
        var here = await PageAsync(left, silos: 1, lost: 1);
        var unreached = MetricPage.Scraped("silo", ("silo-1", here), ("silo-2", null));
        var forgotten = MetricPage.Scraped("silo", ("silo-1", here));

        await using var next = Start(redis);
        var replaced = await BothAsync(left, next);

        await new AlertTimeline(both)
            .Pass(20, both).Expect()
            .Pass(1, unreached).Expect().Pass(1, unreached).Expect("SiloLost").Pass(60, unreached).Expect("SiloLost")
            .Pass(1, replaced).Expect()
            .CheckAsync();

        // Where targets are discovered, what is gone is no target: the other silo tells until there are two again.
        await new AlertTimeline(both)
            .Pass(20, both).Expect()
            .Pass(2, forgotten).Expect("SiloLost")
            .Pass(1, replaced).Expect()
            .CheckAsync();

        await left.KillAsync();
        await next.KillAsync();
        var nobody = MetricPage.Scraped("silo");
        await new AlertTimeline(both).Pass(20, both).Expect().Pass(2, nobody).Expect("SiloLost").CheckAsync();
    }

    [PrometheusFact(RedisProcess.Program)]
    public async Task Silo_ThatIsStopped_IsNotLost()
    {
        await using var redis = RedisProcess.Start();
        await using var left = Start(redis);
        await using var stopped = Start(redis);
        var both = await BothAsync(left, stopped);

        await stopped.StopAsync();
        var here = await PageAsync(left, silos: 1);
        await new AlertTimeline(both).Pass(20, both).Expect().Pass(30, MetricPage.Scraped("silo", ("silo-1", here))).Expect().CheckAsync();

        // Whoever has heard of a later silo has heard of the stopped one's end.
        await using var next = Start(redis);
        Assert.Equal(0, (await PageAsync(left, silos: 2)).Sum("orleanschat_silos_lost_total"));
    }

    private static SiloProcess Start(RedisProcess redis) =>
        SiloProcess.Start($"--OrleansChat:Cluster:Redis={redis.Address}", "--OrleansChat:Cluster:AdvertisedAddress=127.0.0.1", "--OrleansChat:Logging:Level=Critical");

    private static async Task<MetricPage> BothAsync(SiloProcess one, SiloProcess other) =>
        MetricPage.Scraped("silo", ("silo-1", await PageAsync(one, silos: 2)), ("silo-2", await PageAsync(other, silos: 2)));

    private static async Task<MetricPage> PageAsync(SiloProcess silo, int silos, int lost = 0)
    {
        await silo.WaitForAsync("/ready", HttpStatusCode.OK);
        MetricPage? page = null;
        await TestWait.UntilAsync(async () =>
        {
            page = MetricPage.Parse(await silo.Http.GetStringAsync("/metrics"));
            return page.Sum("orleans_consistent_ring_size") == silos && page.Sum("orleanschat_silos_lost_total") >= lost;
        });
        return page!;
    }
}
