using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Sessions.TurnLogs;

public sealed class CompactTurnLogTests(ITestOutputHelper output)
{
    [Fact]
    public void Unpack_OfAnyEvents_GivesThemBackAfterStorage()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 200; round++)
        {
            var events = Enumerable.Range(1, random.Next(1, 400)).Select(sequence => Any(random) with { Sequence = sequence }).ToList();
            var stored = JsonSerializer.Serialize(CompactTurnLog.Pack(events), JsonSerializerOptions.Web);
            var after = random.Next(-1, events.Count + 2);

            var unpacked = JsonSerializer.Deserialize<CompactTurnLog>(stored, JsonSerializerOptions.Web)!.Unpack(after);

            Assert.Equal(events.Where(one => one.Sequence > after), unpacked);
        }
    }

    [Fact]
    public void Pack_OfShortDeltas_TakesLittleBesideTheirText()
    {
        var events = Enumerable.Range(1, 2_000).Select(sequence => new TurnDelta("word ") { Sequence = sequence }).ToList();

        var stored = JsonSerializer.SerializeToUtf8Bytes(CompactTurnLog.Pack(events), JsonSerializerOptions.Web);

        Assert.InRange(stored.Length, 10_000, 13_000);
    }

    private static TurnEvent Any(Random random) => random.Next(12) switch
    {
        0 => new TurnStarted("turn", "answer", "Answering.", "default"),
        1 => new TurnCitation(new Citation(random.Next(1, 9), "doc", "path", 1, 2)),
        2 => new TurnRestarted(random.Next(2, 4)),
        3 => new TurnCompleted("message", "stop", new TokenUsage(1, 2, true) { CachedInputTokens = 1 }, 0.25m, "default", "one"),
        4 => new TurnCancelled(null, TokenUsage.Zero, 0),
        5 => new TurnInterrupted(),
        6 => new TurnDelta(""),
        7 => new TurnDelta(new string('ü', random.Next(100, 40_000))),
        _ => new TurnDelta("word " + random.Next(1_000)),
    };

    [Fact]
    public void Unpack_OfAnAnswerByFallbacks_KeepsTheirNames()
    {
        var completed = new TurnCompleted("message", "stop", TokenUsage.Zero, 0, "default", "two") { Sequence = 1, Fallbacks = ["retrieval-to-none", "route-of-default"] };
        var stored = JsonSerializer.Serialize(CompactTurnLog.Pack([completed]), JsonSerializerOptions.Web);

        var unpacked = Assert.IsType<TurnCompleted>(JsonSerializer.Deserialize<CompactTurnLog>(stored, JsonSerializerOptions.Web)!.Unpack(0).Single());

        Assert.Equal(completed.Fallbacks, unpacked.Fallbacks);
    }

    [Fact]
    public void Unpack_OfAFailure_KeepsItsProblem()
    {
        var failed = new TurnFailed(Problem.Of(ProblemCode.UpstreamError, "It broke.", "Try again.")) { Sequence = 1 };
        var stored = JsonSerializer.Serialize(CompactTurnLog.Pack([failed]), JsonSerializerOptions.Web);

        var unpacked = Assert.IsType<TurnFailed>(JsonSerializer.Deserialize<CompactTurnLog>(stored, JsonSerializerOptions.Web)!.Unpack(0).Single());

        Assert.Equal(("upstream_error", "It broke.", "Try again."), (unpacked.Problem.Code, unpacked.Problem.Detail, unpacked.Problem.Suggestions.Single()));
    }
}
