using System.Diagnostics;
using OrleansChat.Cluster.Bench.Chats;
using OrleansChat.Cluster.Bench.Hosting;
using OrleansChat.Cluster.Bench.Processes;

namespace OrleansChat.Cluster.Bench.Overload;

/// <summary>Several times the load that two silos sustain, offered without waiting for answers: no silo may be taken for dead.</summary>
internal static class SiloOverload
{
    /// <summary>Callers that find out how much is sustained: more of them get no more done.</summary>
    private const int Callers = 128;

    /// <summary>Chats that wait for an answer at one time; beyond it the client offers none, and says how many.</summary>
    private const int MostOpen = 100_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var length = TimeSpan.FromSeconds(Arguments.Number(args, "--seconds", 20));
        var times = Arguments.Number(args, "--times", 4);
        await using var cluster = await BenchCluster.StartAsync(silos: 2);
        await using var client = await BenchClient.StartAsync(cluster.Redis);
        await SustainAsync(client, length / 8);
        var sustained = await SustainAsync(client, length / 4);
        Console.WriteLine($"sustained: {sustained:N0} chats a second");

        var offer = new Offer(client);
        await offer.RunAsync(sustained * times, length);
        var hosts = await client.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: false);
        Console.WriteLine(
            $"offered {offer.Offered / (sustained * length.TotalSeconds):F1} times that for {length.TotalSeconds:F0} s: {offer.Answered:N0} answered, {offer.Failed:N0} failed, {offer.Withheld:N0} withheld; "
            + $"{hosts.Count(host => host.Value is SiloStatus.Active)} of {hosts.Count} silos are active");
        return hosts.Count == cluster.Silos.Count && hosts.Values.All(status => status is SiloStatus.Active) ? 0 : 1;
    }

    private static async Task<double> SustainAsync(BenchClient client, TimeSpan length)
    {
        var began = Stopwatch.GetTimestamp();
        await using var load = new ChatLoad(client.Actors, Callers);
        await Task.Delay(length);
        return load.Done / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private sealed class Offer(BenchClient client)
    {
        private long _answered;
        private long _failed;
        private int _open;

        public long Offered { get; private set; }

        public long Answered => Interlocked.Read(ref _answered);

        public long Failed => Interlocked.Read(ref _failed);

        public long Withheld { get; private set; }

        public async Task RunAsync(double perSecond, TimeSpan length)
        {
            var began = Stopwatch.GetTimestamp();
            for (Offered = 0; Stopwatch.GetElapsedTime(began) is var passed && passed < length;)
            {
                for (var due = (long)(passed.TotalSeconds * perSecond); Offered < due; Offered++)
                {
                    if (Volatile.Read(ref _open) < MostOpen)
                        _ = CallAsync(Offered);
                    else
                        Withheld++;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(1));
            }

            while (Volatile.Read(ref _open) > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        private async Task CallAsync(long number)
        {
            Interlocked.Increment(ref _open);
            try
            {
                await ShortChat.RunAsync(client.Actors, number);
                Interlocked.Increment(ref _answered);
            }
            catch (Exception)
            {
                Interlocked.Increment(ref _failed);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }
}
