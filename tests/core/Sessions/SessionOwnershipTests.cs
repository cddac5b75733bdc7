using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionOwnershipTests : SessionTest
{
    public static TheoryData<string> Methods => ["describe", "update", "delete", "start", "regenerate", "get", "read", "cancel", "create"];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task AnyMethod_ForAForeignKey_AnswersAsForAnUnknownSession(string method)
    {
        var session = await NewSessionAsync();
        var turn = await ChatAsync(session, "Hello", "Hi");
        var unknown = World.Session(Guid.CreateVersion7().ToString());

        var foreign = await Assert.ThrowsAsync<RequestException>(() => CallAsync(session, method, turn.TurnId));
        if (method == "create")
        {
            Assert.Equal("not_found", foreign.Problem.Code);
            return;
        }

        var absent = await Assert.ThrowsAsync<RequestException>(() => CallAsync(unknown, method, turn.TurnId));
        Assert.Equal("not_found", foreign.Problem.Code);
        Assert.Equal(
            absent.Problem.Detail.Replace(unknown.Id, "", StringComparison.Ordinal), foreign.Problem.Detail.Replace(session.Id, "", StringComparison.Ordinal));
        Assert.Equal(["Hello", "Hi"], await PathAsync(session));
    }

    [Fact]
    public async Task Describe_ForAnAdminKey_ShowsForeignSessions()
    {
        var session = await NewSessionAsync();

        Assert.Equal(session.Id, (await session.DescribeAsync(SessionWorld.Admin, SessionScope.Settings)).Id);
    }

    [Fact]
    public async Task Create_Again_ReturnsTheSessionAsItIs()
    {
        var session = await NewSessionAsync(new SessionSettings { Title = "First" });
        await ChatAsync(session, "Hello", "Hi");

        var again = await session.CreateAsync(Owner, new SessionSettings { Title = "Second" });

        Assert.Equal(("First", 2), (again.Title, again.Messages.Count));
    }

    [Fact]
    public async Task Update_ChangesWhatIsGivenAndKeepsTheRest()
    {
        var session = await NewSessionAsync(new SessionSettings { Title = "First", SystemPrompt = "Be brief.", Collections = ["docs"], TtlMinutes = 5 });

        await session.UpdateAsync(Owner, new SessionChanges { Title = "Second", Collections = [] });
        World.Crash();
        var view = await World.Session(session.Id).DescribeAsync(Owner, SessionScope.Settings);

        Assert.Equal(("Second", "Be brief.", 0, 5), (view.Title, view.SystemPrompt, view.Collections!.Count, view.TtlMinutes));
        Assert.Equal("Second", Assert.Single((await World.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items).Title);
    }

    [Fact]
    public async Task StartTurn_InASessionWithoutATitle_TakesOneFromTheMessageAndListsIt()
    {
        var session = await NewSessionAsync();
        World.Clock.Advance(TimeSpan.FromMinutes(1));

        await ChatAsync(session, "  How do I\nbake bread with whole wheat flour, and how long does the dough have to rest?", "Slowly.");
        await ChatAsync(session, "Another", "One.");

        var line = Assert.Single((await World.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items);
        Assert.Equal("How do I bake bread with whole wheat flour, and how long…", line.Title);
        Assert.Equal(World.Clock.GetUtcNow(), line.LastActiveAt);
    }

    private static async Task CallAsync(SessionHandle session, string method, string turnId)
    {
        var stranger = SessionWorld.Stranger;
        switch (method)
        {
            case "describe":
                await session.DescribeAsync(stranger, SessionScope.Tree);
                break;
            case "update":
                await session.UpdateAsync(stranger, new SessionChanges { Title = "Mine" });
                break;
            case "delete":
                await session.DeleteAsync(stranger);
                break;
            case "start":
                await session.StartTurnAsync(stranger, new TurnRequest { Message = "Hello" });
                break;
            case "regenerate":
                await session.RegenerateAsync(stranger, turnId, null);
                break;
            case "get":
                await session.GetTurnAsync(stranger, turnId);
                break;
            case "cancel":
                await session.CancelTurnAsync(stranger, turnId);
                break;
            case "create":
                await session.CreateAsync(stranger, new SessionSettings());
                break;
            default:
                await foreach (var _ in session.ReadTurnAsync(stranger, turnId, 0))
                    Assert.Fail("A foreign key was shown an event.");
                break;
        }
    }
}
