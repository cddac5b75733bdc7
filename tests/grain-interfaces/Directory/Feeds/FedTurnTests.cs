using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Directory.Feeds;
using OrleansChat.GrainInterfaces.Sessions.Feeds;

namespace OrleansChat.GrainInterfaces.Tests.Directory.Feeds;

public sealed class FedTurnTests
{
    private readonly FedTurn _line = new(after: 2, heard: 0);

    [Fact]
    public async Task Offer_GivesEveryEventAfterTheGivenOneOnce_InOrder()
    {
        Assert.True(_line.Offer(Part(1, 2, 3)));
        Assert.True(_line.Offer(Part(2, 3, 4)));
        Assert.False(_line.Offer(Part(5) with { IsEnd = true }));

        Assert.Equal([3L, 4, 5], await ReadAsync());
    }

    [Fact]
    public async Task Offer_WithAGap_EndsTheLineBeforeIt()
    {
        Assert.True(_line.Offer(Part(3)));

        Assert.False(_line.Offer(Part(5)));
        Assert.Equal([3L], await ReadAsync());
    }

    [Fact]
    public async Task Offer_BeyondWhatMayWait_EndsTheLineAndKeepsWhatItHolds()
    {
        Assert.True(_line.Offer(Part([.. Enumerable.Range(3, FedTurn.MostWaiting).Select(number => (long)number)])));

        Assert.False(_line.Offer(Part(FedTurn.MostWaiting + 3)));
        Assert.Equal(FedTurn.MostWaiting, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task Offer_AfterTheEnd_IsNotWanted()
    {
        _line.End();

        Assert.False(_line.Offer(Part(3)));
        Assert.Empty(await ReadAsync());
    }

    private static TurnFeedPart Part(params long[] numbers) =>
        new(1, [.. numbers.Select(number => new TurnDelta("word ") { Sequence = number })], IsEnd: false);

    private async Task<List<long>> ReadAsync()
    {
        _line.End();
        var numbers = new List<long>();
        await foreach (var shown in _line.ReadAsync(default))
            numbers.Add(shown.Sequence);

        return numbers;
    }
}
