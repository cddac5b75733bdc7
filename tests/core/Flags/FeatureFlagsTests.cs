using OrleansChat.Core.Flags;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Settings.Live;

namespace OrleansChat.Core.Tests.Flags;

public sealed class FeatureFlagsTests
{
    private static readonly string[] Sessions = [.. Enumerable.Range(0, 10_000).Select(i => $"session-{i}")];

    [Fact]
    public void IsOn_AFlagThatIsNotConfigured_IsWhatTheFeatureTakes()
    {
        var flags = Flags();
        Assert.False(flags.IsOn("f", "a"));
        Assert.True(flags.IsOn("f", "a", unset: true));
    }

    [Fact]
    public void IsOn_Off_IsOffButForTheNamedKeys()
    {
        var flags = Flags(new FlagOptions { Id = "f", Keys = ["a"] });
        Assert.True(flags.IsOn("f", "a"));
        Assert.False(flags.IsOn("f", "b", unset: true));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(50)]
    [InlineData(100)]
    public void IsOn_APercentage_IsThatShareOfSessions(double percent)
    {
        var flags = Flags(new FlagOptions { Id = "f", On = true, Percent = percent });
        var share = Sessions.Count(session => flags.IsOn("f", "a", session)) * 100.0 / Sessions.Length;
        Assert.InRange(share, percent - 2, percent + 2);
    }

    [Fact]
    public void IsOn_ARaisedPercentage_KeepsAllWhoHadIt()
    {
        var live = new LiveSettings(new OrleansChatOptions { Flags = [new FlagOptions { Id = "f", On = true, Percent = 10 }] });
        var flags = new FeatureFlags(live);
        var before = Sessions.Where(session => flags.IsOn("f", "a", session)).ToHashSet();

        live.Apply(new OrleansChatOptions { Flags = [new FlagOptions { Id = "f", On = true, Percent = 20 }] });

        Assert.All(before, session => Assert.True(flags.IsOn("f", "a", session)));
        Assert.True(Sessions.Count(session => flags.IsOn("f", "a", session)) > before.Count * 1.5);
    }

    [Fact]
    public void IsOn_WithoutASession_IsThatShareOfKeys_AndWithOneTheKeyDoesNotCount()
    {
        string[] keys = [.. Enumerable.Range(0, 10_000).Select(i => $"key-{i}")];
        var flags = Flags(new FlagOptions { Id = "f", On = true, Percent = 25 });
        Assert.InRange(keys.Count(key => flags.IsOn("f", key)) / 100.0, 23, 27);
        Assert.Single(keys.Select(key => flags.IsOn("f", key, "one session")).Distinct());
    }

    [Fact]
    public void IsOn_TwoFlags_ChooseDifferentSessions()
    {
        var flags = Flags(new FlagOptions { Id = "f", On = true, Percent = 10 }, new FlagOptions { Id = "g", On = true, Percent = 10 });
        var both = Sessions.Count(session => flags.IsOn("f", "a", session) && flags.IsOn("g", "a", session));
        Assert.InRange(both, 50, 170);
    }

    private static FeatureFlags Flags(params FlagOptions[] flags) => new(new FixedSettings(new OrleansChatOptions { Flags = flags }));
}
