using OrleansChat.Core.Actors;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Actors;

public sealed class HashSet128Tests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public void EveryAnswer_WhateverWasAdded_IsThatOfAPlainSet(int expected)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (set, plain) = (new HashSet128(expected), new HashSet<UInt128>());

        // Few values, so that some come twice, and bits that are equal, so that many meet in one place.
        var values = Enumerable.Range(0, 20_000).Select(_ => new UInt128((ulong)random.Next(50), (ulong)random.Next(2_000))).Append(UInt128.Zero).ToArray();
        foreach (var value in values.Take(12_000).Append(UInt128.Zero).Append(UInt128.Zero))
        {
            set.Add(value);
            plain.Add(value);
        }

        Assert.Equal(plain.Count, set.Count);
        Assert.All(values, value => Assert.Equal(plain.Contains(value), set.Contains(value)));
    }

    [Fact]
    public void Contains_OfAnEmptySet_IsFalse() => Assert.False(new HashSet128(0).Contains(0));
}
