using System.Globalization;
using OrleansChat.Standalone.Journal;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Standalone.Tests.Journals;

public sealed class JournalModelTests(ITestOutputHelper output)
{
    private const int Steps = 6000;
    private const int KeySpace = 40;

    [Fact]
    public async Task RandomSteps_AgreeWithADictionary()
    {
        var random = Seed.Print(output);
        using var folder = new TemporaryFolder();
        var options = Journals.Small with { CompactionGarbageRatio = 0.5 };
        var model = new SortedDictionary<string, (string Value, long Version)>(StringComparer.Ordinal);
        var stale = new List<(string Key, long Version)>();
        long highest = 0;
        var journal = await Journals.OpenAsync(folder, options: options);
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                var key = $"k{random.Next(KeySpace)}/{random.Next(2)}";
                var current = model.TryGetValue(key, out var known) ? known.Version : 0;
                switch (random.Next(100))
                {
                    case < 50:
                        var value = step.ToString(CultureInfo.InvariantCulture) + new string('v', random.Next(150));
                        var version = await journal.PutAsync(key, value, random.Next(2) == 0 ? current : null);
                        Assert.True(version > highest);
                        highest = version;
                        stale.Add((key, current));
                        model[key] = (value, version);
                        break;
                    case < 70:
                        await journal.DeleteAsync(key, random.Next(2) == 0 ? current : null);
                        stale.Add((key, current));
                        model.Remove(key);
                        break;
                    case < 85 when stale.Count > 0:
                        var (staleKey, staleVersion) = stale[random.Next(stale.Count)];
                        if (staleVersion != 0 || model.ContainsKey(staleKey))
                            await Assert.ThrowsAsync<JournalVersionException>(async () => await journal.PutAsync(staleKey, "stale", staleVersion));
                        break;
                    case < 97:
                        Assert.Equal(known.Value, await journal.TextAsync(key));
                        break;
                    case < 98:
                        await journal.CompactAsync(CancellationToken.None);
                        break;
                    default:
                        await journal.DisposeAsync();
                        journal = await Journals.OpenAsync(folder, options: options);
                        Assert.Equal(model.Count, journal.Recovery.Keys);
                        Assert.Equal(model.ToDictionary(static p => p.Key, static p => p.Value.Value), await journal.AllAsync());
                        break;
                }
            }

            Assert.Equal(model.Keys, journal.Keys(""));
            Assert.Equal(model.Keys.Where(static key => key.StartsWith("k1", StringComparison.Ordinal)), journal.Keys("k1"));
        }
        finally
        {
            await journal.DisposeAsync();
        }
    }
}
