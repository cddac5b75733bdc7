using OrleansChat.Core.Costs.InputRatios;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Costs.InputRatios;

public sealed class InputRatioTests(ITestOutputHelper output)
{
    private readonly InputRatio _ratio = new();

    [Fact]
    public void Bound_BeforeEnoughWasSeen_IsATokenForEachByte()
    {
        Learn(InputRatio.Least - 1, 100_000);
        Assert.Equal(InputRatio.Bytes, Bound);

        Learn(1, 100_000);
        Assert.Equal(150_000, Bound);
    }

    [Fact]
    public void Bound_AfterASettlementThatHadMore_GrowsAtOnce()
    {
        Learn(InputRatio.Least, 100_000);
        Learn(1, 400_000);
        Assert.Equal(600_000, Bound);

        Learn(1, 900_000);
        Assert.Equal(InputRatio.Bytes, Bound);
    }

    [Fact]
    public void Bound_ForgetsWhatIsTwoGenerationsOld()
    {
        Learn(1, 600_000);
        Learn(InputRatio.Generation - 1, 100_000);
        Learn(InputRatio.Generation - 1, 100_000);
        Assert.Equal(900_000, Bound);

        Learn(1, 100_000);
        Assert.Equal(150_000, Bound);
    }

    [Fact]
    public void Bound_OfAbsurdSamples_LiesBetweenOneAndTheBytes()
    {
        Learn(InputRatio.Least, 0);
        Assert.Equal(1, Bound);

        Learn(1, long.MaxValue);
        Assert.Equal(InputRatio.Bytes, Bound);
    }

    [Fact]
    public void Bound_IsNeverBelowWhatTheLatestThousandHad()
    {
        var random = Seed.Print(output);
        var seen = new List<long>();
        for (var i = 0; i < 20_000; i++)
        {
            var most = random.NextInt64(random.Next(100) == 0 ? InputRatio.Bytes : 250_000);
            seen.Add(most);
            Learn(1, most);
            Assert.True(Bound >= seen.TakeLast((int)InputRatio.Generation).Max());
        }
    }

    [Fact]
    public void Record_BringsAllBack()
    {
        Learn(700, 123_456);
        Learn(700, 100_000);
        var other = new InputRatio();
        other.Restore(_ratio.Store());

        Assert.Equal(_ratio.Bound, other.Bound);
    }

    private long Bound => _ratio.Bound.TokensPerMillion;

    private void Learn(long settlements, long most) => _ratio.Learn(new InputSample(settlements, most));
}
