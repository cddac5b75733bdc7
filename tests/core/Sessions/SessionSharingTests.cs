using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionSharingTests : SessionTest
{
    private static readonly ApiKey Maker = new() { Id = "maker", Team = "blue" };
    private static readonly ApiKey Teammate = new() { Id = "teammate", Team = "blue" };
    private static readonly ApiKey Outsider = new() { Id = "outsider", Team = "red" };

    [Fact]
    public async Task SharedSession_IsSeenAndUsedByTheTeamAlone()
    {
        var session = await SharedAsync();

        Assert.True((await session.DescribeAsync(Teammate, SessionScope.Settings)).Shared);
        var turn = await session.StartTurnAsync(Teammate, new TurnRequest { Message = "Hello" });
        Answer(await World.Upstream.NextCallAsync(), "Hi");
        await foreach (var _ in session.ReadTurnAsync(Teammate, turn.TurnId, 0))
        {
        }

        Assert.Equal(["Hello", "Hi"], (await session.DescribeAsync(Maker, SessionScope.ActivePath)).Messages.Select(message => message.Content));
        await RefusesAsync("not_found", () => session.DescribeAsync(Outsider, SessionScope.Settings));
        await RefusesAsync("not_found", () => session.DescribeAsync(SessionWorld.Stranger, SessionScope.Settings));
    }

    [Fact]
    public async Task SharedSession_IsChangedAndDeletedByItsOwnerAlone()
    {
        var session = await SharedAsync();

        await RefusesAsync("forbidden", () => session.UpdateAsync(Teammate, new SessionChanges { Title = "Mine" }));
        await RefusesAsync("forbidden", async () =>
        {
            await session.DeleteAsync(Teammate);
            return new SessionView { Id = "", CreatedAt = default, LastActiveAt = default };
        });
        await session.DeleteAsync(Maker);
        await RefusesAsync("not_found", () => session.DescribeAsync(Teammate, SessionScope.Settings));
        Assert.Empty(await ListAsync(Teammate));
    }

    [Fact]
    public async Task Unsharing_HidesTheSessionFromTheTeamForGood()
    {
        var session = await SharedAsync();
        Assert.Equal([session.Id], await ListAsync(Teammate));

        await session.UpdateAsync(Maker, new SessionChanges { Shared = false });
        World.Crash();

        var again = World.Session(session.Id);
        await RefusesAsync("not_found", () => again.DescribeAsync(Teammate, SessionScope.Settings));
        Assert.Empty(await ListAsync(Teammate));
        Assert.Equal([session.Id], await ListAsync(Maker));
    }

    [Fact]
    public async Task Sharing_ByAKeyWithoutATeam_IsRefusedAndChangesNothing()
    {
        var session = await NewSessionAsync();

        var first = await ChatAsync(session, "One", "1");
        await ChatAsync(session, "One, edited", "1'", parent: TurnRequest.Root);

        var changes = new SessionChanges { Shared = true, Title = "Ours", ActiveMessageId = first.Message!.Id };
        await RefusesAsync("invalid_request", () => session.UpdateAsync(Owner, changes));

        Assert.NotEqual("Ours", (await session.DescribeAsync(Owner, SessionScope.Settings)).Title);
        Assert.Equal(["One, edited", "1'"], await PathAsync(session));
    }

    [Fact]
    public async Task List_OfATeammate_MixesItsOwnAndTheSharedNewestFirstAndEachOnce()
    {
        var expected = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            World.Clock.Advance(TimeSpan.FromSeconds(1));
            var session = World.Session(Guid.CreateVersion7().ToString());
            var isTeammates = i % 3 == 0;
            await session.CreateAsync(isTeammates ? Teammate : Maker, new SessionSettings { Shared = i % 2 == 0 });
            if (isTeammates || i % 2 == 0)
                expected.Insert(0, session.Id);
        }

        Assert.Equal(expected, await ListAsync(Teammate));
        Assert.Equal(expected, await ListAsync(Teammate, pageSize: 1));
        Assert.Equal(expected, await ListAsync(Teammate, pageSize: 3));
    }

    private static async Task RefusesAsync(string code, Func<ValueTask<SessionView>> call) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<RequestException>(async () => await call())).Problem.Code);

    private async Task<SessionHandle> SharedAsync()
    {
        var session = World.Session(Guid.CreateVersion7().ToString());
        await session.CreateAsync(Maker, new SessionSettings { Shared = true });
        return session;
    }

    private async Task<List<string>> ListAsync(ApiKey caller, int pageSize = 200)
    {
        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await SessionLists.ListAsync(World, caller, pageSize, cursor, null, default);
            ids.AddRange(page.Items.Select(line => line.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return ids;
    }
}
