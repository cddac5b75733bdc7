using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Costs;
using Xunit.Abstractions;

namespace OrleansChat.Cluster.Tests.Faults;

/// <summary>Silos are killed and started again while work is under way: nothing is lost, nothing counts twice.</summary>
public sealed class SiloDeathTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Sessions = 12;

    private static readonly ApiKey Owner = new() { Id = "owner" };

    private TestSilos _silos = null!;

    public async Task InitializeAsync() => _silos = await TestSilos.StartAsync();

    public async Task DisposeAsync() => await _silos.DisposeAsync();

    [Fact]
    public async Task Turns_WhoseSilosAreKilled_AreReadToTheirEndWithoutAGapOrARepeat()
    {
        var words = new WordByWord();
        _silos.Upstream.Answer = words.Answer;
        var readers = Enumerable.Range(0, Sessions).Select(number => RunTurnAsync($"s{number}")).ToList();
        await words.FirstWordsAsync(Sessions);

        await KillOneAndReplaceItAsync();
        words.Finish();

        foreach (var events in await Task.WhenAll(readers))
        {
            Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(shown => shown.Sequence));
            Assert.IsType<TurnCompleted>(events[^1]);
            Assert.True(events.OfType<TurnRestarted>().Count() <= 1);
            var answer = events.AsEnumerable().Reverse().TakeWhile(shown => shown is not TurnRestarted).Reverse().OfType<TurnDelta>().Select(delta => delta.Text);
            Assert.Equal(WordByWord.Text, string.Concat(answer));
        }

        foreach (var number in Enumerable.Range(0, Sessions))
        {
            var session = await _silos.Actors.Session($"s{number}").DescribeAsync(Owner, SessionScope.ActivePath, default);
            Assert.Equal(["Hello", WordByWord.Text], session.Messages.Select(message => message.Content));
        }
    }

    [Fact]
    public async Task Acquires_WhileSilosAreKilled_NeverPassTheLimit()
    {
        const int Limit = 300;
        var limits = new RateLimits { RequestsPerDay = Limit };
        var admitted = 0;
        var asked = 0;
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested && Volatile.Read(ref asked) < 4 * Limit)
            {
                var request = new RateLimitRequest { OperationId = $"op{Interlocked.Increment(ref asked)}", Limits = limits };
                if ((await _silos.Actors.RateLimiter("key:hot").AcquireAsync(request, default)).Admitted)
                    Interlocked.Increment(ref admitted);
            }
        })).ToList();

        await KillOneAndReplaceItAsync();
        await KillOneAndReplaceItAsync();
        await Task.WhenAll(callers);

        output.WriteLine($"{admitted} of {asked} admitted");
        Assert.InRange(admitted, 1, Limit);
        Assert.False((await _silos.Actors.RateLimiter("key:hot").AcquireAsync(new() { OperationId = "last", Limits = limits with { RequestsPerDay = 1 } }, default)).Admitted);
    }

    [Fact]
    public async Task Settlements_WhileSilosAreKilled_AddUpToTheLedger()
    {
        var random = Seed.Print(output);
        var amounts = Enumerable.Range(0, 400).Select(_ => random.NextInt64(1, 1_000)).ToArray();
        var subject = new LedgerSubject("owner", null, null, "default", "scripted");
        var next = -1;
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < amounts.Length; i = Interlocked.Increment(ref next))
                await _silos.Actors.CostTracker("org").SettleAsync(new CostSettlement($"op{i}", subject, TokenUsage.Zero, amounts[i]), default);
        })).ToList();

        await KillOneAndReplaceItAsync();
        await KillOneAndReplaceItAsync();
        await Task.WhenAll(callers);

        var entries = await _silos.Actors.CostTracker("org").ReadLedgerAsync();

        Assert.Equal(amounts.Length, entries.Select(entry => entry.OperationId).Distinct().Count());
        Assert.Equal(amounts.Length, entries.Count);
        Assert.Equal(amounts.Sum(), entries.Sum(entry => entry.NanoUsd));
        Assert.Equal(amounts.Sum(), (await _silos.Actors.CostTracker("org").DescribeAsync(null, default)).SpentNanoUsd);
    }

    private async Task KillOneAndReplaceItAsync()
    {
        var victim = _silos.Cluster.GetActiveSilos().Last();
        await _silos.KillAsync(victim);
        await _silos.Cluster.StartAdditionalSiloAsync();
    }

    private Task<List<TurnEvent>> RunTurnAsync(string id) => WholeTurn.RunAsync(_silos.Actors.Session(id));
}
