using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Turns;

namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>What a session promises beside its turns, over whichever host: its tree of messages, who sees it, its budget, its lists and its life.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class SessionContract<THost> : SessionSuite<THost>
    where THost : ISessionHostFactory
{
    [Fact]
    public async Task Tree_OfEditsAndRegenerations_KeepsEveryBranchOverARestart()
    {
        var session = await NewSessionAsync();
        var first = await AskAsync(session, new TurnRequest { Message = "One" }, "1");
        var second = await AskAsync(session, new TurnRequest { Message = "Two" }, "2");
        await AskAsync(session, new TurnRequest { Message = "Two, edited", ParentMessageId = first.Message!.Id }, "2'");
        Assert.Equal(["One", "1", "Two, edited", "2'"], await PathAsync(session));

        await session.UpdateAsync(Owner, new SessionChanges { ActiveMessageId = second.Message!.Id }, default);
        await Host.RestartAsync(Patience);
        Assert.Equal(["One", "1", "Two", "2"], await PathAsync(session));
        var again = await session.RegenerateAsync(Owner, second.TurnId, null, default);
        (await Host.Upstream.NextCallAsync()).Say("2''").End();
        await ReadAsync(session, again.TurnId);

        Assert.Equal(["One", "1", "Two", "2''"], await PathAsync(session));
        var tree = (await session.DescribeAsync(Owner, SessionScope.Tree, default)).Messages;
        Assert.Equal(["One", "1", "Two", "2", "Two, edited", "2'", "2''"], tree.Select(message => message.Content));
        Assert.Equal([tree[1].Id, tree[1].Id, tree[2].Id], new[] { tree[2], tree[4], tree[6] }.Select(message => message.ParentId));
    }

    [Fact]
    public async Task Session_OfAnotherKey_LooksLikeOneThatIsNotThere()
    {
        var stranger = new ApiKey { Id = "stranger" };
        var session = await NewSessionAsync();
        foreach (var looked in (ISessionActor[])[session, Unmade()])
        {
            Func<Task>[] calls =
            [
                async () => await looked.DescribeAsync(stranger, SessionScope.ActivePath, default),
                async () => await looked.UpdateAsync(stranger, new SessionChanges { Title = "Mine" }, default),
                async () => await looked.StartTurnAsync(stranger, new TurnRequest { Message = "Hello" }, default),
                async () => await looked.DeleteAsync(stranger, default),
            ];
            foreach (var call in calls)
                Assert.Equal("not_found", (await Assert.ThrowsAsync<RequestException>(call)).Problem.Code);
        }

        Assert.Empty((await session.DescribeAsync(Owner, SessionScope.ActivePath, default)).Messages);
    }

    [Fact]
    public async Task Turn_BeyondTheSessionsBudget_IsRefusedAndLeavesTheSessionAsItWas()
    {
        var session = await NewSessionAsync(new SessionSettings { Model = "priced", BudgetUsd = 0.000_001m });

        var refusal = await Assert.ThrowsAnyAsync<OrleansChatException>(
            async () => await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default));

        Assert.Equal("budget_exceeded", refusal.Problem.Code);
        Assert.Empty(await PathAsync(session));
        await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", Model = "default" }, default);
        (await Host.Upstream.NextCallAsync()).Say("For nothing").End();
    }

    [Fact]
    public async Task Session_WhoseTimeIsOver_IsGoneAndSweptWithItsLine()
    {
        var session = await NewSessionAsync(new SessionSettings { TtlMinutes = 60 });
        await AskAsync(session, new TurnRequest { Message = "Hello" }, "Hi");

        Host.Pass(TimeSpan.FromMinutes(61));

        var gone = await Assert.ThrowsAsync<RequestException>(async () => await session.DescribeAsync(Owner, SessionScope.Settings, default));
        Assert.Equal("not_found", gone.Problem.Code);
        await session.SweepAsync(default);
        Assert.Empty((await Host.Actors.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items);
    }

    [Fact]
    public async Task Import_OfAnExport_IsAWholeSessionThatOutlivesTheHost()
    {
        var original = await NewSessionAsync();
        var turn = await original.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        (await Host.Upstream.NextCallAsync()).Say("Good day").End();
        await ReadAsync(original, turn.TurnId);
        var exported = await original.DescribeAsync(Owner, SessionScope.Tree, default);

        var copy = Unmade();
        var import = new SessionImport { Messages = exported.Messages, ActiveMessageId = exported.ActiveMessageId };
        await copy.ImportAsync(Owner, import, default);
        await Host.RestartAsync(Patience);

        Assert.Equal(["Hello", "Good day"], await PathAsync(copy));
        var newest = await copy.ReadPathAsync(Owner, new MessageRange(1), default);
        Assert.Equal("Good day", Assert.Single(newest.Messages).Content);
        var rest = await copy.ReadPathAsync(Owner, new MessageRange(10, newest.Before), default);
        Assert.Equal(("Hello", null), (Assert.Single(rest.Messages).Content, rest.Before));
    }

    [Fact]
    public async Task Response_IsKeptOnceOutlivesTheHostAndIsFollowedAndDeleted()
    {
        var session = await NewSessionAsync();
        var first = new RecordedResponse { Id = "resp_1", Question = "Hello", QuestionItems = "[1]", Answer = "Good day", AnswerItems = "{}" };
        await session.RecordAsync(Owner, first, default);
        await session.RecordAsync(Owner, first, default);
        await Host.RestartAsync(Patience);
        await session.RecordAsync(Owner, first with { Id = "resp_2", PreviousId = "resp_1", Question = "And?" }, default);

        var path = (await session.ReadResponseAsync(Owner, "resp_2", default)).Messages;
        Assert.Equal(["Hello", "Good day", "And?", "Good day"], path.Select(message => message.Content));
        Assert.Equal(("[1]", "{}"), (path[0].Items, path[1].Items));

        await session.DeleteResponseAsync(Owner, "resp_1", default);
        var hidden = await Assert.ThrowsAsync<RequestException>(async () => await session.ReadResponseAsync(Owner, "resp_1", default));
        Assert.Equal("not_found", hidden.Problem.Code);
        Assert.Equal(4, (await session.ReadResponseAsync(Owner, "resp_2", default)).Messages.Count);
        await session.DeleteResponseAsync(Owner, "resp_2", default);
        var gone = await Assert.ThrowsAsync<RequestException>(async () => await session.DescribeAsync(Owner, SessionScope.Settings, default));
        Assert.Equal("not_found", gone.Problem.Code);
    }

    [Fact]
    public async Task SharedSession_IsListedToItsTeamUntilItIsUnshared()
    {
        var maker = new ApiKey { Id = "maker", Team = "blue" };
        var teammate = new ApiKey { Id = "teammate", Team = "blue" };
        var session = Unmade();
        await session.CreateAsync(maker, new SessionSettings { Title = "Ours", Shared = true }, default);
        Assert.Equal("Ours", (await session.DescribeAsync(teammate, SessionScope.Settings, default)).Title);

        await session.UpdateAsync(maker, new SessionChanges { Shared = false }, default);

        var refusal = await Assert.ThrowsAsync<RequestException>(async () => await session.DescribeAsync(teammate, SessionScope.Settings, default));
        Assert.Equal("not_found", refusal.Problem.Code);
    }

    [Fact]
    public async Task Delete_WhileATurnRuns_EndsItAndTheSessionIsGone()
    {
        var session = await NewSessionAsync();
        await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        var call = await Host.Upstream.NextCallAsync();

        await session.DeleteAsync(Owner, default);

        Assert.True(call.Stopped.IsCancellationRequested);
        var refusal = await Assert.ThrowsAsync<RequestException>(async () => await session.DescribeAsync(Owner, SessionScope.Settings, default));
        Assert.Equal("not_found", refusal.Problem.Code);
        Assert.Empty((await Host.Actors.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items);
    }

    [Fact]
    public async Task List_OfManySessions_IsKeptOverARestart()
    {
        var ids = new List<string>();
        for (var number = 0; number < 150; number++)
            ids.Add((await (await NewSessionAsync()).DescribeAsync(Owner, SessionScope.Settings, default)).Id);

        await Host.RestartAsync(Patience);
        var index = Host.Actors.SessionIndex(Owner.Id);
        var first = await index.ListAsync(100, null, null, default);
        var second = await index.ListAsync(100, first.NextCursor, null, default);

        Assert.Equal(ids.Order(StringComparer.Ordinal), first.Items.Concat(second.Items).Select(line => line.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Deadlines_OfManySessions_AreKeptOverARestartUntilTheyAreRemoved()
    {
        var start = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var entered = Enumerable.Range(0, 100).Select(number => new SessionDeadline($"session-{number}", start.AddMinutes(number))).ToList();
        foreach (var deadline in entered)
            await Host.Actors.SessionDeadlines("shard-00").PutAsync(deadline, default);

        await Host.RestartAsync(Patience);
        var calendar = Host.Actors.SessionDeadlines("shard-00");
        var due = await calendar.ListDueAsync(start.AddMinutes(89), 1000, default);
        Assert.Equal(entered.Take(90), due.Items);
        await calendar.RemoveAsync(due, default);

        await Host.RestartAsync(Patience);
        Assert.Equal(entered.Skip(90), (await Host.Actors.SessionDeadlines("shard-00").ListDueAsync(start.AddDays(1), 1000, default)).Items);
    }

    [Fact]
    public async Task Sweep_OfASessionInUse_LeavesItAsItIs()
    {
        var session = await NewSessionAsync(new SessionSettings { TtlMinutes = 60 });
        await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        (await Host.Upstream.NextCallAsync()).Say("Hi");

        Assert.False(await session.SweepAsync(default));
        Assert.NotNull((await session.DescribeAsync(Owner, SessionScope.ActivePath, default)).ActiveTurnId);
    }

    private async Task<TurnView> AskAsync(ISessionActor session, TurnRequest request, string answer)
    {
        var turn = await session.StartTurnAsync(Owner, request, default);
        (await Host.Upstream.NextCallAsync()).Say(answer).End();
        await ReadAsync(session, turn.TurnId);
        return await session.GetTurnAsync(Owner, turn.TurnId, default);
    }
}
