using OrleansChat.Bench.Accuracy;
using OrleansChat.Cluster.Bench.Accuracy;
using OrleansChat.Cluster.Bench.Acquires;
using OrleansChat.Cluster.Bench.Growth;
using OrleansChat.Cluster.Bench.Hosting;
using OrleansChat.Cluster.Bench.Overload;
using OrleansChat.Cluster.Bench.Processes;
using OrleansChat.Cluster.Bench.Streams;

return args switch
{
    ["accuracy", .. var rest] => await AccuracyBenchmark.RunAsync(rest, AccuracySilos.Of(Arguments.Number(rest, "--silos", 3), rest.Contains("--redis"))),
    ["acquire", .. var rest] => await AcquireCost.RunAsync(rest),
    ["hot-key", .. var rest] => await HotKey.RunAsync(rest),
    ["streams", .. var rest] => await TokenStreams.RunAsync(rest),
    ["grow", .. var rest] => await SiloGrowth.RunAsync(rest),
    ["overload", .. var rest] => await SiloOverload.RunAsync(rest),

    // What the benchmarks start as processes of their own.
    [BenchSilo.Verb, .. var rest] => await BenchSilo.RunAsync(rest),
    [HotKeyCaller.Verb, .. var rest] => await HotKeyCaller.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: dotnet run -c Release --project bench/cluster -- BENCHMARK
          accuracy [--seed N] [--minutes N] [--silos N] [--redis]
                                                        limits, budgets and ledgers under bursts, deaths, killed silos and clock jumps
          acquire  [--calls N] [--rounds N]             an acquire through the client beside a bare ping, in processor time
          hot-key  [--limit N] [--callers N]            one key from two client processes: acquires a second, and exactly the limit
          streams  [--count N] [--seconds N]            streams at 50 tokens a second through one gateway and two silos
          grow     [--seconds N]                        a silo joins under load
          overload [--seconds N] [--times N]            N times the sustainable load against two silos
        Each but accuracy, which has all in this process but Redis, starts a redis-server, silos and clients of its own on free ports of this machine.
        """);
    return 2;
}
