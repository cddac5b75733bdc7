using OrleansChat.Bench.Accuracy;
using Xunit.Abstractions;

namespace OrleansChat.Bench.Tests.Accuracy;

/// <summary>What a run of the accuracy harness must have come to, whichever host it was over.</summary>
internal static class AccurateRun
{
    /// <summary>Shows a run, and holds it to this: it deviated nowhere, and it tried, checked and met everything that it is there for.</summary>
    /// <param name="report">What it found.</param>
    /// <param name="output">Where it is shown.</param>
    public static void Check(AccuracyReport report, ITestOutputHelper output)
    {
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
