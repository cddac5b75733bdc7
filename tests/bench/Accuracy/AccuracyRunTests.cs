using OrleansChat.Bench.Accuracy;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Bench.Tests.Accuracy;

public sealed class AccuracyRunTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Run_WithBurstsDeathsKillsAndJumps_DeviatesNowhere()
    {
        var report = await AccuracyRun.RunAsync(Seed.Print(output).Next(), new AccuracySize(Gateways: 3, Callers: 12, Keys: 10), AccuracyProcess.StartAsync, step => step < 60);

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
