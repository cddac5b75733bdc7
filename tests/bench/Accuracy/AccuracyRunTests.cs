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

        AccurateRun.Check(report, output);
    }
}
