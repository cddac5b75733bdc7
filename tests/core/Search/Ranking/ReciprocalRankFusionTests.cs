using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Core.Tests.Search.Ranking;

public sealed class ReciprocalRankFusionTests
{
    [Fact]
    public void Fuse_OfTwoRankings_SumsWeightedReciprocalRanks()
    {
        ScoredSlot[] lexical = [new(7, 9f), new(3, 8f)];
        ScoredSlot[] dense = [new(3, 0.9f), new(5, 0.8f)];

        var fused = ReciprocalRankFusion.Fuse(lexical, dense, new FusionOptions { K = 60, LexicalWeight = 2, DenseWeight = 0.5 });

        Assert.Equal([3, 7, 5], fused.Select(hit => hit.Slot));
        Assert.Equal(2d / 61, fused.Single(hit => hit.Slot == 7).Score, 12);
        Assert.Equal(2d / 62 + 0.5 / 61, fused.Single(hit => hit.Slot == 3).Score, 12);
        Assert.Equal(0.5 / 62, fused.Single(hit => hit.Slot == 5).Score, 12);
        Assert.Equal((8f, 0.9f), (fused[0].Lexical!.Value, fused[0].Dense!.Value));
        Assert.Null(fused[^1].Lexical);
    }

    [Fact]
    public void Fuse_WithEqualSums_PutsTheLowerSlotFirst()
    {
        var fused = ReciprocalRankFusion.Fuse([new(9, 1f)], [new(4, 1f)], new FusionOptions());
        Assert.Equal([4, 9], fused.Select(hit => hit.Slot));
    }

    [Fact]
    public void Fuse_WithAWeakDenseRanking_KeepsAllThatTheWordsFoundAhead()
    {
        ScoredSlot[] lexical = [.. Enumerable.Range(0, 100).Select(slot => new ScoredSlot(slot, 100 - slot))];
        ScoredSlot[] dense = [.. Enumerable.Range(100, 100).Select(slot => new ScoredSlot(slot, 1))];
        var fused = ReciprocalRankFusion.Fuse(lexical, dense, new FusionOptions { DenseWeight = 61 / 160.0 - 0.001 });
        Assert.Equal(Enumerable.Range(0, 200), fused.Select(hit => hit.Slot));
    }
}
