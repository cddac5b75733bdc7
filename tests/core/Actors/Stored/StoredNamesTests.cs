using OrleansChat.Testing.Stored;

namespace OrleansChat.Core.Tests.Actors.Stored;

/// <summary>A version reads what older ones wrote.</summary>
public sealed class StoredNamesTests
{
    private static readonly string[] Committed = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Actors", "Stored", "stored-names.txt"));

    [Fact]
    public void NothingThatWasCommitted_HasGoneOrChanged()
    {
        Assert.True(Committed.Length > 100, "The list is not there.");

        string[] gone = [.. Committed.Except(StoredNames.All)];
        Assert.True(gone.Length == 0, $"Records of the version before have what has gone; give it back, and read it:\n{string.Join('\n', gone)}");
    }

    [Fact]
    public void EveryName_IsCommitted()
    {
        string[] added = [.. StoredNames.All.Except(Committed)];
        Assert.True(added.Length == 0, $"New on record; enter it in Actors/Stored/stored-names.txt:\n{string.Join('\n', added)}");
    }

    [Fact]
    public void StatesOfActorsAndTheirPages_AreFound() =>
        Assert.Superset(
            new HashSet<string> { "SessionState", "LogPage`1", "ConversationPage", "LedgerPage", "CompactTurnLog", "RateLimiterState" },
            StoredTypes.All.Select(type => type.Name).ToHashSet());
}
