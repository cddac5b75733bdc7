using OrleansChat.Bench.Accuracy;
using OrleansChat.Cluster.Bench.Accuracy;
using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Cluster.Tests.Accuracy;

/// <summary>The accuracy harness over silos that are killed, as small as it is among the tests of one process. Not beside the contracts: it keeps a machine busy.</summary>
[Collection(ActorClusterGroup.Name)]
public sealed class ClusterAccuracyTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Run_WithBurstsDeathsKilledSilosAndJumps_DeviatesNowhere()
    {
        var report = await AccuracyRun.RunAsync(
            Seed.Print(output).Next(), new AccuracySize(Gateways: 3, Callers: 12, Keys: 10), AccuracySilos.Of(2), step => step < 47);

        var text = new StringWriter();
        report.Write(text);
        output.WriteLine(text.ToString());
        Assert.Empty(report.Deviations);
        Assert.Equal(
            (0, 0, 0L, 0L, 0, report.BilledNanoUsd),
            (report.Overshoots, report.Undershoots, report.WorstRetryTicks, report.Leaked, report.LedgerDeviations, report.LedgerNanoUsd));
        Assert.Equal((0, true), (report.Overspends, report.BudgetChecks > 0));
        Assert.True(report is { Admitted: > 0, RefusedByLimit: > 0, Waited: > 0, Settled: > 0, Released: > 0, BilledNanoUsd: > 0 }, "The run must try something.");
        Assert.True(report is { OvershootChecks: > 0, UndershootChecks: > 0, RetryChecks: > 0, LedgerEntries: > 0 }, "The run must check everything.");
        Assert.True(
            report is { Kills: > 0, Jumps: > 0, Died: > 0, HungUp: > 0, Abandoned: > 0, HalfSettled: > 0, UpstreamFaults: > 0 }, "Everything must have gone wrong.");
    }
}
