using OrleansChat.Bench.Accuracy;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Bench.Tests.Accuracy;

public sealed class AccuracyRunTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Run_WithBurstsDeathsKillsAndJumps_DeviatesNowhere()
    {
        var report = await AccuracyRun.RunAsync(Seed.Print(output).Next(), new AccuracySize(Gateways: 3, Callers: 12, Keys: 10), step => step < 60);

        var text = new StringWriter();
        report.Write(text);
        output.WriteLine(text.ToString());
        Assert.Empty(report.Deviations);
        Assert.True(report is { Admitted: > 0, RefusedByLimit: > 0, Settled: > 0, UndershootChecks: > 0 }, "The run must try something.");
    }
}
