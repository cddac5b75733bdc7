using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Cluster.Tests.Chaos;

/// <summary>Silos are killed and replaced at random moments while chats run, limits are asked for and costs are booked, all at once.</summary>
public sealed class ChaosTests(ITestOutputHelper output) : IAsyncLifetime
{
    private TestSilos _silos = null!;

    public async Task InitializeAsync() => _silos = await TestSilos.StartAsync();

    public async Task DisposeAsync() => await _silos.DisposeAsync();

    [Fact]
    public async Task KilledSilos_UnderLoad_LoseNothingAndCountNothingTwice()
    {
        var random = Seed.Print(output);
        _silos.Upstream.Answer = new PiecemealAnswer(random.Next()).Answer;
        using var stop = new CancellationTokenSource();
        var chats = new ChatLoad(_silos.Actors, random.Next());
        var limits = new LimitLoad(_silos.Actors);
        var costs = new CostLoad(_silos.Actors, random.Next());
        Task[] load = [chats.RunAsync(stop.Token), limits.RunAsync(stop.Token), costs.RunAsync(stop.Token)];
        Func<long>[] counters = [() => chats.Events, () => limits.Asked, () => costs.Booked];

        for (var round = 0; round < LongRuns.Of(2); round++)
        {
            // A kill comes in the middle of whatever is under way after a random amount of work.
            await MoreAsync(counters[random.Next(counters.Length)], random.Next(20, 200), load);
            var silos = _silos.Cluster.GetActiveSilos().ToList();
            await _silos.KillAsync(silos[random.Next(silos.Count)]);
            await _silos.Cluster.StartAdditionalSiloAsync();
        }

        await MoreAsync(counters[0], 100, load);
        await stop.CancelAsync();
        await Task.WhenAll(load);

        output.WriteLine($"{chats.Turns} turns with {chats.Events} events, {limits.Admitted} of {limits.Asked} admitted, {costs.Booked} settlements");
        await chats.CheckAsync();
        limits.Check();
        await costs.CheckAsync();
    }

    private static async Task MoreAsync(Func<long> counter, long more, Task[] load)
    {
        var goal = counter() + more;
        while (counter() < goal)
        {
            // A load that ended has failed: nothing stopped it.
            var ended = load.FirstOrDefault(static task => task.IsCompleted);
            if (ended is not null)
                await ended;

            await Task.Yield();
        }
    }
}
