using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Routing;

public sealed class PriceTests(ITestOutputHelper output)
{
    private static readonly Price Kinds = new(1_000_000, 10_000_000)
    {
        CachedInputPerMillion = 100_000,
        CacheWritePerMillion = 1_250_000,
        ReasoningPerMillion = 20_000_000,
    };

    [Theory]
    [InlineData(100, 10, 0, 0, 0, 100 + 100)]
    [InlineData(100, 10, 40, 0, 0, 60 + 4 + 100)]
    [InlineData(100, 10, 0, 40, 0, 60 + 50 + 100)]
    [InlineData(100, 10, 40, 60, 0, 4 + 75 + 100)]
    [InlineData(100, 10, 0, 0, 10, 100 + 200)]
    [InlineData(100, 10, 0, 0, 4, 100 + 60 + 80)]
    [InlineData(100, 10, 500, 500, 500, 10 + 200)] // parts beyond their whole count as the whole
    [InlineData(100, 10, -5, -5, -5, 100 + 100)]
    [InlineData(0, 0, 0, 0, 0, 0)]
    public void CostOf_EveryKindOfToken_IsAtItsOwnPrice(long input, long output, long cached, long written, long reasoning, long nanoUsd)
    {
        var usage = new TokenUsage(input, output) { CachedInputTokens = cached, CacheWriteInputTokens = written, ReasoningTokens = reasoning };

        Assert.Equal(nanoUsd, Kinds.CostOf(usage));
    }

    [Fact]
    public void CostOf_KindsWithoutAPrice_IsThatOfInputAndOutput()
    {
        var usage = new TokenUsage(100, 10) { CachedInputTokens = 40, CacheWriteInputTokens = 10, ReasoningTokens = 4 };

        Assert.Equal(200, new Price(1_000_000, 10_000_000).CostOf(usage));
    }

    [Fact]
    public void CostOf_AFractionOfANanoDollar_IsRoundedUp() => Assert.Equal(1, new Price(1, 0).CostOf(new TokenUsage(1, 0)));

    [Fact]
    public void CostOf_MoreThanSixtyFourBits_IsTheMostTheyHold() =>
        Assert.Equal(long.MaxValue, new Price(long.MaxValue, 0).CostOf(new TokenUsage(long.MaxValue, 0)));

    [Fact]
    public void MostOf_IsNeverBelowTheCost_WhateverKindsTheTokensAre()
    {
        var random = Seed.Print(output);
        for (var i = 0; i < 10_000; i++)
        {
            var price = new Price(Any(random), Any(random))
            {
                CachedInputPerMillion = Maybe(random),
                CacheWritePerMillion = Maybe(random),
                ReasoningPerMillion = Maybe(random),
            };
            var (input, made) = (random.NextInt64(10_000), random.NextInt64(10_000));
            var usage = new TokenUsage(random.NextInt64(input + 1), random.NextInt64(made + 1))
            {
                CachedInputTokens = random.NextInt64(10_000),
                CacheWriteInputTokens = random.NextInt64(10_000),
                ReasoningTokens = random.NextInt64(10_000),
            };

            Assert.True(price.CostOf(usage) <= price.MostOf(input, made), $"{price} {usage} of {input} and {made}");
        }
    }

    private static long Any(Random random) => random.NextInt64(random.Next(2) == 0 ? 10 : 100_000_000_000);

    private static long? Maybe(Random random) => random.Next(2) == 0 ? null : Any(random);
}
