using OrleansChat.Bench.Accuracy;
using OrleansChat.Bench.Tests.Accuracy;
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

        AccurateRun.Check(report, output);
    }
}
