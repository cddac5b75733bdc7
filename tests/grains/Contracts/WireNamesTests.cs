namespace OrleansChat.Grains.Tests.Contracts;

public sealed class WireNamesTests
{
    private static readonly string[] Committed =
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Contracts", "wire-names.txt"));

    [Fact]
    public void NothingThatWasCommitted_HasGoneOrChanged()
    {
        Assert.True(Committed.Length > 100, "The list is not there.");

        string[] gone = [.. Committed.Except(WireNames.All)];
        Assert.True(gone.Length == 0, $"A silo of the version before still uses what has gone; give it back, beside the new one:\n{string.Join('\n', gone)}");
    }

    [Fact]
    public void EveryName_IsCommitted()
    {
        string[] added = [.. WireNames.All.Except(Committed)];
        Assert.True(added.Length == 0, $"New on the wire; enter it in Contracts/wire-names.txt:\n{string.Join('\n', added)}");
    }

    [Fact]
    public void NoName_IsUsedTwice()
    {
        string[] twice = [.. WireNames.All.Select(line => line.Split('(')[0]).GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key)];
        Assert.Empty(twice);
    }
}
