namespace OrleansChat.Grains.Tests.Contracts;

public sealed class WireNamesTests
{
    private static readonly string[] Committed =
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Contracts", "wire-names.txt"));

    [Fact]
    public void NothingThatWasCommitted_HasGoneOrChanged()
    {
        Assert.True(Committed.Length > 100, "The list is not there.");

        // A silo of the version before, or a state on disk, still uses what is missing here: give it back, beside the new one.
        Assert.Empty(Committed.Except(WireNames.All));
    }

    [Fact]
    public void EveryName_IsCommitted()
    {
        // New names go to wire-names.txt in the commit that makes them.
        Assert.Empty(WireNames.All.Except(Committed));
    }

    [Fact]
    public void NoName_IsUsedTwice()
    {
        string[] twice = [.. WireNames.All.Select(line => line.Split('(')[0]).GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key)];
        Assert.Empty(twice);
    }
}
