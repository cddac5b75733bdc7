using OrleansChat.Cluster.Bench.Chats;
using OrleansChat.Cluster.Bench.Hosting;
using OrleansChat.Cluster.Bench.Processes;

namespace OrleansChat.Cluster.Bench.Growth;

/// <summary>A second silo joins while short chats come in: how much of the load is its own, and whether a client noticed.</summary>
internal static class SiloGrowth
{
    private const int Callers = 16;

    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = TimeSpan.FromSeconds(Arguments.Number(args, "--seconds", 10));
        await using var cluster = await BenchCluster.StartAsync(silos: 1);
        await using var client = await BenchClient.StartAsync(cluster.Redis);
        await using var load = new ChatLoad(client.Actors, Callers);
        await Task.Delay(seconds);
        var alone = load.Done;
        Console.WriteLine($"one silo: {alone / seconds.TotalSeconds:N0} chats a second, {load.Errors} errors");

        await cluster.AddSiloAsync();
        var joined = load.Done;
        await Task.Delay(seconds / 2);
        var before = cluster.Silos.Select(silo => silo.ProcessorTime).ToList();
        await Task.Delay(seconds);
        var used = cluster.Silos.Select((silo, place) => (silo.ProcessorTime - before[place]).TotalSeconds).ToList();
        Console.WriteLine(
            $"two silos: {(load.Done - joined) / (seconds * 1.5).TotalSeconds:N0} chats a second, {load.Errors} errors in all; "
            + $"the new silo does {used[1] / used.Sum():P0} of the work and holds {await ShareOfNewestAsync(client):P0} of the activations");
        return load.Errors == 0 ? 0 : 1;
    }

    private static async Task<double> ShareOfNewestAsync(BenchClient client)
    {
        var management = client.Grains.GetGrain<IManagementGrain>(0);
        var newest = (await management.GetDetailedHosts(onlyActive: true)).MaxBy(host => host.StartTime)!.SiloAddress;
        var counts = (await management.GetSimpleGrainStatistics()).Where(one => one.GrainType.Contains(nameof(OrleansChat), StringComparison.Ordinal)).ToList();
        return (double)counts.Where(one => one.SiloAddress.Equals(newest)).Sum(one => one.ActivationCount) / counts.Sum(one => one.ActivationCount);
    }
}
