using OrleansChat.Bench.Accuracy;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Bench.Tests.Accuracy;

public sealed class UpstreamReportTests
{
    [Fact]
    public void Draw_OfASeedAndAnOperation_IsTheSameInEveryProcess() =>
        Assert.Equal(
            [new TokenUsage(22, 1_779), new TokenUsage(531, 941), new TokenUsage(126, 1_625), new TokenUsage(344, 424)],
            Enumerable.Range(0, 4).Select(operation => Draw(7, operation)));

    [Fact]
    public void Draw_OfManyOperations_ComesToEveryKindOfReport()
    {
        var drawn = Enumerable.Range(0, 1_000).Select(operation => Draw(7, operation)).ToList();

        Assert.Contains(TokenUsage.Zero, drawn);
        Assert.Contains(drawn, usage => usage.InputTokens > 1_000);
        Assert.Contains(drawn, usage => usage.InputTokens < 0);
        Assert.Contains(drawn, usage => usage.Estimated);
        Assert.NotEqual(drawn, Enumerable.Range(0, 1_000).Select(operation => Draw(8, operation)));
        Assert.NotEqual(drawn[..^1], drawn[1..]);
    }

    private static TokenUsage Draw(int seed, int operation) => UpstreamReport.Draw(seed, new AdmissionRequest
    {
        OperationId = $"{operation}",
        Key = new ApiKey { Id = "k" },
        Model = AccuracyWorld.SoloModel,
        InputTokens = 1_000,
        OutputTokens = 2_000,
    });
}
