using OrleansChat.Providers.Builtin;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Providers.Tests.Builtin;

public sealed class FeatureCountsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(0, 5_000)]
    [InlineData(3_000, 5_000)]
    public void Add_OfRandomFeatures_CountsEachInTheOrderOfItsFirst(int expected, int distinct)
    {
        var random = Seed.Print(output);

        // Every second one shares the bits that decide about its place.
        ulong[] hashes = [.. Enumerable.Range(0, distinct).Select(i => i % 2 == 0 ? (ulong)random.NextInt64() : (ulong)i)];
        var model = new List<(ulong Hash, double Weight, int Count)>();
        var places = new Dictionary<ulong, int>();
        var features = new FeatureCounts(expected);
        for (var i = 0; i < 3 * distinct; i++)
        {
            var hash = hashes[random.Next(distinct)];
            features.Add(hash, i);
            if (places.TryAdd(hash, model.Count))
                model.Add((hash, i, 1));
            else
                model[places[hash]] = model[places[hash]] with { Count = model[places[hash]].Count + 1 };
        }

        Assert.Equal(model.Count, features.Count);
        for (var i = 0; i < model.Count; i++)
            Assert.Equal(model[i], (features[i].Hash, features[i].Weight, features[i].Count));
        features.Dispose();
    }
}
