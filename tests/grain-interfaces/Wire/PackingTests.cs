using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.RateLimiting;
using OrleansChat.GrainInterfaces.Sessions;
using OrleansChat.GrainInterfaces.Sessions.Feeds;
using OrleansChat.GrainInterfaces.Wire;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.GrainInterfaces.Tests.Wire;

/// <summary>What travels most often travels tightly, and nothing of it is lost.</summary>
public sealed class PackingTests(ITestOutputHelper output) : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().AddOrleansChatWire().BuildServiceProvider();

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void ABatchOfAcquires_OfOneKey_IsItsOperationsNamesAndLittleMore()
    {
        var limits = new RateLimits { RequestsPerMinute = 600, TokensPerMinute = 200_000, MaxConcurrent = 50 };
        var batch = new AcquireBatch([.. Enumerable.Range(0, 1_000).Select(_ => new RateLimitRequest { OperationId = Guid.CreateVersion7().ToString(), Limits = limits, Tokens = 1_500 })]);

        Assert.InRange(Serializer.SerializeToArray(batch).Length, 36_000, 40_000);
    }

    [Fact]
    public void Decisions_ThatAreAlike_AreWrittenOnce()
    {
        var decisions = Enumerable.Range(0, 1_000).Select(number => new RateLimitDecision { Admitted = number < 700, Limit = number < 700 ? null : "requestsPerDay" });

        Assert.InRange(Serializer.SerializeToArray(new AcquireBatchDecisions([.. decisions])).Length, 1, 100);
    }

    [Fact]
    public void Deltas_AreTheirTextAndLittleMore()
    {
        var batch = new TurnEventBatch([.. Enumerable.Range(1, 100).Select(number => new TurnDelta("words ") { Sequence = number })]);

        Assert.InRange(Serializer.SerializeToArray(batch).Length, 900, 1_000);
    }

    [Fact]
    public void Batches_OfAnyMixture_ArriveAsTheyWereSent()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 100; round++)
        {
            var acquires = new AcquireBatch([.. Enumerable.Range(0, random.Next(1, 40)).Select(number => Request(random, number))]);
            Assert.Equal(acquires.Requests, Send(acquires).Requests);
            var decisions = new AcquireBatchDecisions([.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Decision(random))]);
            Assert.Equal(decisions.Decisions, Send(decisions).Decisions);
            var events = new TurnEventBatch(Events(random));
            Assert.Equal(events.Events, Send(events).Events);
            var feed = new TurnFeedBatch("silo", [.. Enumerable.Range(0, random.Next(5)).Select(line => new TurnFeedPart(line, Events(random), random.Next(2) == 0))]);
            Assert.Equal(feed.Origin, Send(feed).Origin);
            Assert.Equal(Flat(feed), Flat(Send(feed)));
        }
    }

    private static RateLimitRequest Request(Random random, int number) => new()
    {
        OperationId = $"ä{number}",
        Limits = new RateLimits { RequestsPerMinute = random.Next(2) == 0 ? null : 5, TokensPerMinute = random.Next(2), Pacing = (Pacing)random.Next(2) },
        Tokens = random.NextInt64(RateLimitRequest.MostTokens),
        Lease = random.Next(2) == 0 ? RateLimitRequest.DefaultLease : TimeSpan.FromTicks(random.NextInt64(1, RateLimitRequest.LongestLease.Ticks)),
        Tentative = random.Next(2) == 0,
        Describe = random.Next(2) == 0,
    };

    private static RateLimitDecision? Decision(Random random) => random.Next(4) switch
    {
        0 => null,
        1 => new RateLimitDecision { Admitted = true },
        2 => new RateLimitDecision { Admitted = false, Limit = "requestsPerDay", RetryAfter = TimeSpan.FromTicks(random.Next()) },
        _ => new RateLimitDecision { Admitted = true, Status = new RateLimitStatus { RequestsPerDay = new LimitStatus(9, random.Next(9), 1.5) } },
    };

    private static TurnEvent[] Events(Random random) => [.. Enumerable.Range(0, random.Next(1, 40)).Select(number => Event(random, number))];

    private static IEnumerable<(long, TurnEvent?, bool)> Flat(TurnFeedBatch feed) =>
        feed.Parts.SelectMany(part => part.Events.Select(shown => (part.Line, (TurnEvent?)shown, false)).Append((part.Line, null, part.IsEnd)));

    private static TurnEvent Event(Random random, int number) => random.Next(4) switch
    {
        0 => new TurnRestarted(number) { Sequence = random.NextInt64() },
        _ => new TurnDelta($"wörd {number}\n") { Sequence = random.NextInt64() },
    };

    private T Send<T>(T value) => Serializer.Deserialize<T>(Serializer.SerializeToArray(value))!;
}
