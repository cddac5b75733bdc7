using System.Text.Json;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.State;

/// <summary>The longest message that settings allow can be kept, whatever it is made of.</summary>
public sealed class LongestMessageTests
{
    // No character takes more bytes than a control character: \u0001.
    private const char Worst = '\u0001';

    // What a page may hold already, and what else is kept with it.
    private const int Rest = 16_384 * 6 + 200_000;

    [Fact]
    public void TurnLog_OfTheLongestAnswerCharacterByCharacter_FitsIntoTheJournal()
    {
        var delta = new TurnDelta($"{Worst}");
        var log = CompactTurnLog.Pack([.. Enumerable.Repeat(delta, SessionOptions.MaxStoredCharacters)]);

        var stored = JsonSerializer.SerializeToUtf8Bytes(log, JsonSerializerOptions.Web);

        Assert.InRange(stored.Length, 6 * SessionOptions.MaxStoredCharacters, JournalOptions.DefaultMaxValueBytes - Rest);
    }

    [Fact]
    public void Message_OfTheMostCharacters_FitsIntoTheJournal()
    {
        var message = new SessionMessage
        {
            Id = Guid.CreateVersion7().ToString(),
            Role = MessageRole.Assistant,
            Content = new string(Worst, SessionOptions.MaxStoredCharacters),
            CreatedAt = DateTimeOffset.UnixEpoch,
        };

        var stored = JsonSerializer.SerializeToUtf8Bytes(new StoredMessage(message, 0), JsonSerializerOptions.Web);

        Assert.InRange(stored.Length, 6 * SessionOptions.MaxStoredCharacters, JournalOptions.DefaultMaxValueBytes - Rest);
    }
}
