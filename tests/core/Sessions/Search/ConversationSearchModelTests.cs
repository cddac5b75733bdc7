using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Sessions.Search;

/// <summary>Whatever is said, shared, taken back and deleted between crashes and faults, the search finds what is there and nothing else.</summary>
public sealed class ConversationSearchModelTests(ITestOutputHelper output) : ConversationSearchTest
{
    private static readonly string[] Words = ["alpha", "bravo", "charlie", "delta", "echo"];

    private sealed class Chat(string id)
    {
        public string Id => id;

        public bool IsShared { get; set; }

        public HashSet<string> Said { get; } = [];
    }

    [Fact]
    public async Task Search_AfterWhateverHappened_FindsWhatIsThere()
    {
        var random = Seed.Print(output);
        var chats = new List<Chat>();
        for (var step = 0; step < 300; step++)
        {
            World.IsIndexLost = random.Next(10) == 0;
            await StepAsync(random, chats);
            World.IsIndexLost = false;
            if (random.Next(8) == 0)
                World.Crash();

            if (step % 10 == 9)
                await CheckAsync(chats);
        }
    }

    private async Task StepAsync(Random random, List<Chat> chats)
    {
        var chat = chats.Count == 0 ? null : chats[random.Next(chats.Count)];
        switch (random.Next(7))
        {
            case 0 when chats.Count < 12:
                chats.Add(new Chat((await NewSessionAsync(Maker)).Id));
                break;
            case 1 when chat is not null && random.Next(2) == 0:
                await World.Session(chat.Id).DeleteAsync(Maker);
                chats.Remove(chat);
                break;
            case 2 when chat is not null:
                chat.IsShared = !chat.IsShared;
                await World.Session(chat.Id).UpdateAsync(Maker, new SessionChanges { Shared = chat.IsShared });
                break;
            case >= 3 when chat is not null:
                var (asked, answered) = (Words[random.Next(Words.Length)], Words[random.Next(Words.Length)]);
                await SayAsync(World.Session(chat.Id), Maker, $"Q {asked}", $"A {answered}");
                chat.Said.UnionWith([asked, answered]);
                break;
        }
    }

    private async Task CheckAsync(List<Chat> chats)
    {
        // What a fault kept from the lists is brought to them by a start or by use.
        await new OpenTurnRecovery(World, NullLogger<OpenTurnRecovery>.Instance).RunAsync(default);
        foreach (var chat in chats)
        {
            await World.Session(chat.Id).DeactivateAsync();
            await World.Session(chat.Id).DescribeAsync(Maker, SessionScope.Settings);
            await World.Session(chat.Id).DeactivateAsync();
        }

        foreach (var word in Words)
        {
            Assert.Equal(Ids(chats.Where(chat => chat.Said.Contains(word))), Sorted(await SaidIdsAsync(Maker, word)));
            Assert.Equal(Ids(chats.Where(chat => chat.Said.Contains(word) && chat.IsShared)), Sorted(await SaidIdsAsync(Teammate, word)));
        }
    }

    private async Task<IEnumerable<string>> SaidIdsAsync(ApiKey caller, string word) =>
        (await FindAsync(caller, word)).Where(line => line.Matches is not null).Select(line => line.Id);

    private static IEnumerable<string> Ids(IEnumerable<Chat> chats) => Sorted(chats.Select(chat => chat.Id));

    private static IEnumerable<string> Sorted(IEnumerable<string> ids) => ids.Order(StringComparer.Ordinal);
}
