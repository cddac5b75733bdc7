using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionTreeTests(ITestOutputHelper output) : SessionTest(new SessionOptions { MessagesPerPage = 5, Summaries = false })
{
    [Fact]
    public async Task StartTurn_WithAnEarlierParent_BeginsABranchAndKeepsBoth()
    {
        var session = await NewSessionAsync();
        var first = await ChatAsync(session, "One", "1");
        await ChatAsync(session, "Two", "2");

        await ChatAsync(session, "Two, edited", "2'", parent: first.Message!.Id);

        Assert.Equal(["One", "1", "Two, edited", "2'"], await PathAsync(session));
        var tree = (await session.DescribeAsync(Owner, SessionScope.Tree)).Messages;
        Assert.Equal(["One", "1", "Two", "2", "Two, edited", "2'"], tree.Select(message => message.Content));
        Assert.Equal(tree[2].ParentId, tree[4].ParentId);
    }

    [Fact]
    public async Task StartTurn_WithRootAsParent_EditsTheFirstMessage()
    {
        var session = await NewSessionAsync();
        await ChatAsync(session, "One", "1");

        await ChatAsync(session, "One, edited", "1'", parent: TurnRequest.Root);

        Assert.Equal(["One, edited", "1'"], await PathAsync(session));
        Assert.Equal(2, (await session.DescribeAsync(Owner, SessionScope.Tree)).Messages.Count(message => message.ParentId is null));
    }

    [Fact]
    public async Task Update_WithAnActiveMessage_SwitchesToTheNewestOfItsBranch()
    {
        var session = await NewSessionAsync();
        var first = await ChatAsync(session, "One", "1");
        var second = await ChatAsync(session, "Two", "2");
        await ChatAsync(session, "Three", "3");
        var edited = await ChatAsync(session, "Two, edited", "2'", parent: first.Message!.Id);

        await session.UpdateAsync(Owner, new SessionChanges { ActiveMessageId = second.Message!.ParentId });
        World.Crash();
        session = World.Session(session.Id);
        Assert.Equal(["One", "1", "Two", "2", "Three", "3"], await PathAsync(session));

        await session.UpdateAsync(Owner, new SessionChanges { ActiveMessageId = edited.Message!.Id });
        await ChatAsync(session, "Go on", "Yes");
        Assert.Equal(["One", "1", "Two, edited", "2'", "Go on", "Yes"], await PathAsync(session));
    }

    [Fact]
    public async Task Update_WithAnActiveMessage_OfAnUnknownOneOrInMidTurn_IsRefused()
    {
        var session = await NewSessionAsync();
        var first = await ChatAsync(session, "One", "1");

        var unknown = await Assert.ThrowsAsync<RequestException>(
            async () => await session.UpdateAsync(Owner, new SessionChanges { ActiveMessageId = "01890a5d-ac96-774b-bcce-b302099a8057" }));
        await AskAsync(session, "Two");
        var call = await World.Upstream.NextCallAsync();
        var busy = await Assert.ThrowsAsync<RequestException>(
            async () => await session.UpdateAsync(Owner, new SessionChanges { ActiveMessageId = first.Message!.Id }));

        Assert.Equal(("not_found", "turn_in_progress"), (unknown.Problem.Code, busy.Problem.Code));
        Answer(call, "2");
    }

    [Fact]
    public async Task Regenerate_OfAnAnswer_AddsASiblingAndMakesItTheLeaf()
    {
        var session = await NewSessionAsync();
        var first = await ChatAsync(session, "One", "1");

        var again = await session.RegenerateAsync(Owner, first.TurnId, "small");
        Answer(await World.Upstream.NextCallAsync(), "1'");
        var end = await EndOfAsync(session, again);

        Assert.Equal(["One", "1'"], await PathAsync(session));
        Assert.Equal((first.Message!.ParentId, "small"), (end.Message!.ParentId, end.Model));
        Assert.Equal(3, (await session.DescribeAsync(Owner, SessionScope.Tree)).Messages.Count);
    }

    [Theory]
    [InlineData("no id")]
    [InlineData("01890a5d-ac96-774b-bcce-b302099a8057")]
    public async Task StartTurn_WithUnknownParent_IsNotFound(string parent)
    {
        var session = await NewSessionAsync();
        await ChatAsync(session, "One", "1");

        var refusal = await Assert.ThrowsAsync<RequestException>(() => AskAsync(session, "Two", parent));

        Assert.Equal("not_found", refusal.Problem.Code);
    }

    [Fact]
    public async Task AnySequence_OfTurnsEditsRegenerationsAndRestarts_MatchesAPlainTree()
    {
        var random = Seed.Print(output);
        var session = await NewSessionAsync();
        var tree = new List<(string Id, string? Parent, string Text)>();
        var turns = new List<TurnView>();
        string? leaf = null;
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(5))
            {
                case 0 when turns.Count > 0:
                    var old = turns[random.Next(turns.Count)];
                    var again = await session.RegenerateAsync(Owner, old.TurnId, null);
                    Answer(await World.Upstream.NextCallAsync(), $"answer {step}");
                    turns.Add(await EndOfAsync(session, again));
                    break;
                case 1:
                    if (random.Next(2) == 0)
                        World.Crash();
                    else
                        await session.DeactivateAsync();
                    session = World.Session(session.Id);
                    continue;
                default:
                    var parent = random.Next(3) > 0 || tree.Count == 0 ? null : tree[random.Next(tree.Count)].Id;
                    turns.Add(await ChatAsync(session, $"question {step}", $"answer {step}", parent));
                    var question = (await session.DescribeAsync(Owner, SessionScope.Tree)).Messages[^2];
                    Assert.Equal(parent ?? leaf, question.ParentId);
                    tree.Add((question.Id, parent ?? leaf, $"question {step}"));
                    break;
            }

            leaf = turns[^1].Message!.Id;
            tree.Add((leaf, turns[^1].Message!.ParentId, $"answer {step}"));
        }

        var stored = (await session.DescribeAsync(Owner, SessionScope.Tree)).Messages;
        Assert.Equal(tree, stored.Select(message => (message.Id, message.ParentId, message.Content)));

        var path = new List<string>();
        for (var id = leaf; id is not null; id = tree.Single(message => message.Id == id).Parent)
            path.Insert(0, tree.Single(message => message.Id == id).Text);
        Assert.Equal(path, await PathAsync(session));
    }
}
