using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Tests.Sessions.Search;

/// <summary>What is found in chats, by whom, and until when.</summary>
public sealed class ConversationSearchTests : ConversationSearchTest
{
    [Fact]
    public async Task Query_OfWordsThatWereSaid_FindsTheSessionAndShowsWhere()
    {
        var session = await NewSessionAsync(Maker);
        await NewSessionAsync(Maker);
        var turn = await SayAsync(session, Maker, "How do I mend it?", "Raise the connection timeout of the silo.");

        var line = Assert.Single(await FindAsync(Maker, "timeouts SILO"));

        Assert.Equal(session.Id, line.Id);
        var match = Assert.Single(line.Matches!);
        Assert.Equal((turn.Message!.Id, MessageRole.Assistant), (match.MessageId, match.Role));
        Assert.Equal("Raise the connection timeout of the silo.", match.Snippet);
        Assert.Equal(["timeout", "silo"], match.Highlights.Select(range => match.Snippet[range.Start..range.End]));
    }

    [Fact]
    public async Task Query_OfWordsInTitleAndTurns_FindsTheSessionThatHasThemAllTogether()
    {
        var session = await NewSessionAsync(Maker);
        await SayAsync(session, Maker, "Alpha", "bravo");
        await SayAsync(session, Maker, "Charlie", "delta");
        await session.UpdateAsync(Maker, new SessionChanges { Title = "Zebra crossing" });
        World.Clock.Advance(TimeSpan.FromSeconds(1));
        var other = await NewSessionAsync(Maker);
        await SayAsync(other, Maker, "Alpha", "delta");

        Assert.Equal([session.Id], await FindIdsAsync(Maker, "bravo charlie"));
        Assert.Equal([session.Id], await FindIdsAsync(Maker, "delta zeb"));
        Assert.Equal([other.Id, session.Id], await FindIdsAsync(Maker, "the delta"));
        Assert.Empty(await FindIdsAsync(Maker, "delta echo"));
        Assert.Null(Assert.Single(await FindAsync(Maker, "zebra")).Matches);
        Assert.Equal(2, (await FindAsync(Maker, " ")).Count);
    }

    [Fact]
    public async Task Query_ByAnotherKey_FindsNothing()
    {
        await SayAsync(await NewSessionAsync(Maker), Maker, "A secret", "xyzzy");

        Assert.Single(await FindIdsAsync(Maker, "xyzzy"));
        Assert.Empty(await FindIdsAsync(Teammate, "xyzzy"));
        Assert.Empty(await FindIdsAsync(SessionWorld.Admin, "xyzzy"));
    }

    [Fact]
    public async Task Query_FindsEveryBranchAndQuestionsWithoutAnAnswer()
    {
        var session = await NewSessionAsync(Maker);
        var turn = await SayAsync(session, Maker, "One", "alpha");
        await SayAsync(session, Maker, "Two", "bravo", parent: TurnRequest.Root);
        var again = await session.RegenerateAsync(Maker, turn.TurnId, null);
        Answer(await World.Upstream.NextCallAsync(), "charlie");
        await EndAsync(session, again);
        var failed = await session.StartTurnAsync(Maker, new TurnRequest { Message = "Delta?" });
        await session.CancelTurnAsync(Maker, failed.TurnId);
        await EndAsync(session, failed);

        foreach (var word in (string[])["alpha", "bravo", "charlie", "delta"])
            Assert.Equal([session.Id], await FindIdsAsync(Maker, word));

        Assert.Equal(MessageRole.User, Assert.Single(Assert.Single(await FindAsync(Maker, "delta")).Matches!).Role);
    }

    [Fact]
    public async Task Query_AfterTheSessionIsDeletedOrExpired_FindsNothingAndNothingIsKept()
    {
        var deleted = await NewSessionAsync(Maker);
        await SayAsync(deleted, Maker, "One", "xyzzy one");
        var expired = World.Session(Guid.CreateVersion7().ToString());
        await expired.CreateAsync(Maker, new SessionSettings { TtlMinutes = 60 });
        await SayAsync(expired, Maker, "Two", "xyzzy two");
        var kept = await NewSessionAsync(Maker);
        await SayAsync(kept, Maker, "Three", "xyzzy three");
        Assert.Equal(3, (await FindIdsAsync(Maker, "xyzzy")).Count);

        await deleted.DeleteAsync(Maker);
        World.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal([kept.Id], await FindIdsAsync(Maker, "xyzzy"));
        await new SessionSweep(World, World.Clock, NullLogger<SessionSweep>.Instance).RunAsync(default);

        Assert.Equal([kept.Id], await FindIdsAsync(Maker, "xyzzy"));
        Assert.False(IsStored("xyzzy one") || IsStored("xyzzy two"));
        World.Crash();
        Assert.Equal([kept.Id], await FindIdsAsync(Maker, "xyzzy"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Turn_WhoseTextsCouldNotBeWritten_IsFoundLater(bool crash)
    {
        var session = await NewSessionAsync(Maker);
        World.IsIndexLost = true;
        await SayAsync(session, Maker, "One", "xyzzy");
        await session.DeactivateAsync();
        World.IsIndexLost = false;
        Assert.Empty(await FindIdsAsync(Maker, "xyzzy"));

        if (crash)
            World.Crash();

        await new OpenTurnRecovery(World, NullLogger<OpenTurnRecovery>.Instance).RunAsync(default);

        Assert.Equal([session.Id], await FindIdsAsync(Maker, "xyzzy"));
    }

    [Fact]
    public async Task Share_WhoseTextsCouldNotBeWritten_IsFoundByTheTeamAMinuteLater()
    {
        var session = await NewSessionAsync(Maker);
        await SayAsync(session, Maker, "One", "xyzzy");
        World.IsIndexLost = true;
        await session.UpdateAsync(Maker, new SessionChanges { Shared = true });
        await session.DeactivateAsync();
        World.IsIndexLost = false;
        Assert.Empty(await FindIdsAsync(Teammate, "xyzzy"));

        World.Clock.Advance(TimeSpan.FromMinutes(1));
        await new SessionSweep(World, World.Clock, NullLogger<SessionSweep>.Instance).RunAsync(default);

        Assert.Equal([session.Id], await FindIdsAsync(Teammate, "xyzzy"));
    }

    [Fact]
    public async Task Share_LetsTheTeamFindWhatWasSaidBeforeUntilItIsTakenBack()
    {
        var session = await NewSessionAsync(Maker);
        await SayAsync(session, Maker, "One", "alpha");
        await session.UpdateAsync(Maker, new SessionChanges { Shared = true });
        await SayAsync(session, Teammate, "Two", "bravo");

        Assert.Equal([session.Id], await FindIdsAsync(Teammate, "alpha bravo"));
        Assert.Equal([session.Id], await FindIdsAsync(Maker, "alpha bravo"));

        await session.UpdateAsync(Maker, new SessionChanges { Shared = false });
        Assert.Empty(await FindIdsAsync(Teammate, "alpha"));
        Assert.Equal([session.Id], await FindIdsAsync(Maker, "bravo"));
        Assert.False(IsStored("alpha", "index/team:blue"));

        await session.UpdateAsync(Maker, new SessionChanges { Shared = true });
        await session.DeactivateAsync();
        Assert.Equal([session.Id], await FindIdsAsync(Teammate, "alpha bravo"));
    }

    [Fact]
    public async Task Unshare_ThatACrashCutsShort_IsFinishedByTheNextActivation()
    {
        var session = await NewSessionAsync(Maker, shared: true);
        await SayAsync(session, Maker, "One", "alpha");
        World.Store.BeforeWrite = key => key.StartsWith("index/team:", StringComparison.Ordinal) ? throw new IOException() : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<Exception>(async () => await session.UpdateAsync(Maker, new SessionChanges { Shared = false }));
        World.Store.BeforeWrite = null;
        World.Crash();

        Assert.Empty(await FindIdsAsync(Teammate, "alpha"));
        await World.Session(session.Id).DescribeAsync(Maker, SessionScope.Settings);

        Assert.Empty(await FindIdsAsync(Teammate, ""));
        Assert.False(IsStored("alpha", "index/team:blue"));
    }

    [Fact]
    public async Task List_ThatStillHasWhatIsNotShared_ShowsNothingOfIt()
    {
        var session = await NewSessionAsync(Maker);
        await SayAsync(session, Maker, "One", "alpha");
        var line = Assert.Single(await FindAsync(Maker, "alpha"));

        // As a list would be that a dead activation wrote to last.
        await World.SessionIndex(SessionLists.OfTeam("blue")).PutTurnsAsync(line, new ConversationTurnList([new ConversationTurn("m", "alpha")]), default);

        Assert.Empty(await FindIdsAsync(Teammate, "alpha"));
    }

    [Fact]
    public async Task Response_OnceDeleted_IsNotFoundByItsWords()
    {
        var session = await NewSessionAsync(Maker);
        var first = new RecordedResponse { Id = "resp_1", Question = "One", QuestionItems = "[]", Answer = "alpha", AnswerItems = "{}" };
        await session.RecordAsync(Maker, first);
        await session.RecordAsync(Maker, first with { Id = "resp_2", PreviousId = "resp_1", Question = "Two", Answer = "bravo" });
        await session.DeactivateAsync();
        Assert.Equal([session.Id], await FindIdsAsync(Maker, "alpha"));

        await session.DeleteResponseAsync(Maker, "resp_1");

        Assert.Empty(await FindIdsAsync(Maker, "alpha"));
        Assert.Equal([session.Id], await FindIdsAsync(Maker, "bravo"));
        Assert.False(IsStored("alpha", "index/"));
    }

    [Fact]
    public async Task Import_IsFoundByEveryTurnOfIt()
    {
        var messages = new List<SessionMessage>();
        for (var number = 0; number < 200; number++)
        {
            var parent = messages is [.., var last] ? last.Id : null;
            messages.Add(Message($"q{number}", parent, MessageRole.User, $"question{number}"));
            messages.Add(Message($"a{number}", $"q{number}", MessageRole.Assistant, $"answer{number} {new string('x', 400)}"));
        }

        var session = World.Session(Guid.CreateVersion7().ToString());
        await session.ImportAsync(Maker, new SessionImport { Messages = messages });
        await session.DeactivateAsync();
        World.Crash();

        Assert.True(World.Store.Keys.Count(key => key.StartsWith("index/maker/texts/", StringComparison.Ordinal)) > 3);
        for (var number = 0; number < 200; number++)
            Assert.Equal([session.Id], await FindIdsAsync(Maker, $"question{number} answer{number}"));
    }

    [Fact]
    public async Task Query_ForMoreThanAPage_GoesOnWithTheCursor()
    {
        var expected = new List<string>();
        for (var number = 0; number < 5; number++)
        {
            World.Clock.Advance(TimeSpan.FromSeconds(1));
            var session = await NewSessionAsync(Maker);
            await SayAsync(session, Maker, "Q", "xyzzy");
            expected.Insert(0, session.Id);
        }

        var found = new List<string>();
        string? cursor = null;
        do
        {
            var page = await SessionLists.ListAsync(World, Maker, 2, cursor, "xyzzy", default);
            found.AddRange(page.Items.Select(line => line.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(expected, found);
    }

    private static SessionMessage Message(string id, string? parent, string role, string content) =>
        new() { Id = id, ParentId = parent, Role = role, Content = content, CreatedAt = DateTimeOffset.UnixEpoch };

    private static async Task EndAsync(SessionHandle session, TurnView turn)
    {
        await foreach (var _ in session.ReadTurnAsync(Maker, turn.TurnId, 0))
        {
        }

        await session.DeactivateAsync();
    }
}

/// <summary>Chats with the search turned off.</summary>
public sealed class ConversationSearchOffTests : SessionTest
{
    [Fact]
    public async Task Query_FindsTitlesAloneAndNothingIsStoredForIt()
    {
        var session = await NewSessionAsync(new SessionSettings { Title = "alpha" });
        await ChatAsync(session, "One", "xyzzy");
        await session.DeactivateAsync();

        var asked = new ApiKey { Id = Owner.Id };
        Assert.Empty((await SessionLists.ListAsync(World, asked, 10, null, "xyzzy", default)).Items);
        Assert.Single((await SessionLists.ListAsync(World, asked, 10, null, "alpha", default)).Items);
        Assert.DoesNotContain(World.Store.Keys, key => key.Contains("/texts/", StringComparison.Ordinal));
    }
}
