using System.Text;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Tests.Sessions.Search;

/// <summary>What tests of the search in chats share: it is turned on, and two keys of a team.</summary>
public abstract class ConversationSearchTest() : SessionTest(new SessionOptions { Summaries = false, Search = true })
{
    private protected static readonly ApiKey Maker = new() { Id = "maker", Team = "blue" };
    private protected static readonly ApiKey Teammate = new() { Id = "teammate", Team = "blue" };

    private protected async Task<SessionHandle> NewSessionAsync(ApiKey owner, bool shared = false)
    {
        var session = World.Session(Guid.CreateVersion7().ToString());
        await session.CreateAsync(owner, new SessionSettings { Shared = shared });
        return session;
    }

    /// <summary>Runs a whole turn, and lets what follows it end.</summary>
    private protected async Task<TurnView> SayAsync(SessionHandle session, ApiKey caller, string message, string answer, string? parent = null)
    {
        var turn = await session.StartTurnAsync(caller, new TurnRequest { Message = message, ParentMessageId = parent });
        Answer(await World.Upstream.NextCallAsync(), answer);
        await foreach (var _ in session.ReadTurnAsync(caller, turn.TurnId, 0))
        {
        }

        await session.DeactivateAsync();
        return await session.GetTurnAsync(caller, turn.TurnId);
    }

    private protected async Task<IReadOnlyList<SessionLine>> FindAsync(ApiKey caller, string query) =>
        (await SessionLists.ListAsync(World, caller, 200, null, query, default)).Items;

    private protected async Task<IReadOnlyList<string>> FindIdsAsync(ApiKey caller, string query) =>
        [.. (await FindAsync(caller, query)).Select(line => line.Id)];

    /// <summary>Whether any stored value holds a text.</summary>
    private protected bool IsStored(string text, string kind = "") => World.Store.Keys
        .Where(key => key.StartsWith(kind, StringComparison.Ordinal))
        .Any(key => World.Store.Read(key).Value is { } value && Encoding.UTF8.GetString(value).Contains(text, StringComparison.Ordinal));
}
