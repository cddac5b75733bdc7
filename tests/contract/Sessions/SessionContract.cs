using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>Every promise of a session, over whichever host.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class SessionContract<THost>(ITestOutputHelper output) : IAsyncLifetime
    where THost : ISessionHostFactory
{
    private static readonly ApiKey Owner = new() { Id = "owner" };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private ISessionHost _host = null!;

    public async Task InitializeAsync() => _host = await StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>A host without a state; one of its own where a test says nothing else.</summary>
    protected virtual Task<ISessionHost> StartAsync() => THost.StartAsync();

    [Fact]
    public async Task Turn_FromItsStart_IsReadAsItComesAndStoredAtItsEnd()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        var call = await _host.Upstream.NextCallAsync();
        await using var reader = session.ReadTurnAsync(Owner, turn.TurnId, 0, default).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        Assert.IsType<TurnStarted>(reader.Current);

        call.Say("Good ");
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal("Good ", Assert.IsType<TurnDelta>(reader.Current).Text);
        call.Say("day").End();
        var rest = await ReadAsync(session, turn.TurnId, reader.Current.Sequence);

        Assert.Equal([3L, 4], rest.Select(shown => shown.Sequence));
        Assert.IsType<TurnCompleted>(rest[^1]);
        await _host.RestartAsync(Patience);
        Assert.Equal(["Hello", "Good day"], await PathAsync(session));
        Assert.Equal(rest, await ReadAsync(session, turn.TurnId, 2));
    }

    [Fact]
    public async Task Turn_WhileItRuns_LeavesTheSessionFreeForOtherCalls()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        await _host.Upstream.NextCallAsync();

        Assert.Equal(turn.TurnId, (await session.DescribeAsync(Owner, SessionScope.ActivePath, default)).ActiveTurnId);
        await session.UpdateAsync(Owner, new SessionChanges { Title = "New" }, default);
        var refusal = await Assert.ThrowsAsync<RequestException>(
            async () => await session.StartTurnAsync(Owner, new TurnRequest { Message = "More" }, default));
        Assert.Equal("turn_in_progress", refusal.Problem.Code);

        await session.CancelTurnAsync(Owner, turn.TurnId, default);
        Assert.IsType<TurnCancelled>((await ReadAsync(session, turn.TurnId))[^1]);
    }

    [Fact]
    public async Task Turn_WithReadersThatBreakOff_IsReadByEachWholeAndOnce()
    {
        var random = Seed.Print(output);
        var session = await NewSessionAsync();
        for (var round = 0; round < 5; round++)
        {
            var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = $"Round {round}" }, default);
            var call = await _host.Upstream.NextCallAsync();
            var readers = Enumerable.Range(0, 8).Select(_ => ReadWithBreaksAsync(session, turn.TurnId, new Random(random.Next()))).ToList();
            var text = "";
            for (var piece = random.Next(100, 400); piece > 0; piece--)
            {
                call.Say($"{piece} ");
                text += $"{piece} ";
                if (random.Next(3) == 0)
                    await Task.Yield();
            }

            call.End();
            var logs = await Task.WhenAll(readers);
            Assert.All(logs, log => Assert.Equal(text, TextOf(log)));
            Assert.All(logs, log => Assert.Equal(Enumerable.Range(1, log.Count).Select(number => (long)number), log.Select(shown => shown.Sequence)));
        }
    }

    [Fact]
    public async Task Crash_InMidTurn_RestartsItOnceAndThenMarksIt()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", ClientTurnId = "mine" }, default);
        (await _host.Upstream.NextCallAsync()).Say("First");
        var seen = await ReadUntilAsync(session, turn.TurnId, "First", 0);

        await _host.CrashAsync();
        (await _host.Upstream.NextCallAsync()).Say("Second");
        seen.AddRange(await ReadUntilAsync(session, turn.TurnId, "Second", seen[^1].Sequence));
        Assert.Equal("Second", TextOf(seen));
        Assert.Equal(turn.TurnId, (await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", ClientTurnId = "mine" }, default)).TurnId);

        await _host.CrashAsync();
        seen.AddRange(await ReadAsync(session, turn.TurnId, seen[^1].Sequence));
        Assert.IsType<TurnInterrupted>(seen[^1]);
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(number => (long)number), seen.Select(shown => shown.Sequence));
        Assert.Equal(TurnStatus.Interrupted, (await session.GetTurnAsync(Owner, turn.TurnId, default)).Status);
    }

    [Fact]
    public async Task Crash_WhileTwoCallsOfATurnAreUnderWay_ChargesBoth()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", Model = "hedged" }, default);
        await _host.Upstream.NextCallAsync();
        await _host.Upstream.NextCallAsync();

        await _host.CrashAsync();
        (await _host.Upstream.NextCallAsync()).Say("Whole").End();
        Assert.Equal("Whole", TextOf(await ReadAsync(session, turn.TurnId)));

        var charged = (await LedgerAsync()).Where(entry => entry.LeaseExpired).ToList();
        Assert.Equal([$"{turn.TurnId}/1", $"{turn.TurnId}/1/hedge"], charged.Select(entry => entry.OperationId).Order());
        Assert.True(charged[0].NanoUsd > 0);
        Assert.Equal(charged[0].NanoUsd, charged[1].NanoUsd);
    }

    [Fact]
    public async Task Turn_WhoseAnswerIsFarTooLong_IsCutOnceAndTheSessionGoesOn()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        var call = await _host.Upstream.NextCallAsync();
        for (var piece = 0; piece < 17; piece++)
            call.Say(new string((char)('a' + piece), 999_999));

        // It never ends: the session ends it.
        var events = await ReadAsync(session, turn.TurnId).WaitAsync(Patience);

        var end = Assert.IsType<TurnCompleted>(events[^1]);
        Assert.Equal("length", end.FinishReason);
        Assert.True(call.Stopped.IsCancellationRequested);
        Assert.DoesNotContain(events, shown => shown is TurnRestarted);
        Assert.Equal(new string('a', 999_999) + "b", TextOf(events));
        await _host.RestartAsync(Patience);
        Assert.Equal(["Hello", TextOf(events)], await PathAsync(session));
        Assert.Equal(events, await ReadAsync(session, turn.TurnId));

        var next = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Briefly?" }, default);
        (await _host.Upstream.NextCallAsync()).Say("Yes.").End();
        Assert.IsType<TurnCompleted>((await ReadAsync(session, next.TurnId))[^1]);
    }

    [Fact]
    public async Task Stop_WithoutPatience_LeavesTheTurnToTheNextStart()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        var call = await _host.Upstream.NextCallAsync();
        call.Say("Half");
        var seen = await ReadUntilAsync(session, turn.TurnId, "Half", 0);

        await _host.RestartAsync(TimeSpan.Zero);
        (await _host.Upstream.NextCallAsync()).Say("Whole").End();
        seen.AddRange(await ReadAsync(session, turn.TurnId, seen[^1].Sequence));

        Assert.True(call.Stopped.IsCancellationRequested);
        Assert.Equal("Whole", TextOf(seen));
        Assert.Equal(["Hello", "Whole"], await PathAsync(session));
    }

    [Fact]
    public async Task Import_OfAnExport_IsAWholeSessionThatOutlivesTheHost()
    {
        var original = await NewSessionAsync();
        var turn = await original.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        (await _host.Upstream.NextCallAsync()).Say("Good day").End();
        await ReadAsync(original, turn.TurnId);
        var exported = await original.DescribeAsync(Owner, SessionScope.Tree, default);

        var copy = new CurrentSession(this, Guid.CreateVersion7().ToString());
        var import = new SessionImport { Messages = exported.Messages, ActiveMessageId = exported.ActiveMessageId };
        await copy.ImportAsync(Owner, import, default);
        await _host.RestartAsync(Patience);

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
        await _host.RestartAsync(Patience);
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
        var session = new CurrentSession(this, Guid.CreateVersion7().ToString());
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
        var call = await _host.Upstream.NextCallAsync();

        await session.DeleteAsync(Owner, default);

        Assert.True(call.Stopped.IsCancellationRequested);
        var refusal = await Assert.ThrowsAsync<RequestException>(async () => await session.DescribeAsync(Owner, SessionScope.Settings, default));
        Assert.Equal("not_found", refusal.Problem.Code);
        Assert.Empty((await _host.Actors.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items);
    }

    [Fact]
    public async Task List_OfManySessions_IsKeptOverARestart()
    {
        var ids = new List<string>();
        for (var number = 0; number < 150; number++)
            ids.Add((await (await NewSessionAsync()).DescribeAsync(Owner, SessionScope.Settings, default)).Id);

        await _host.RestartAsync(Patience);
        var index = _host.Actors.SessionIndex(Owner.Id);
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
            await _host.Actors.SessionDeadlines("shard-00").PutAsync(deadline, default);

        await _host.RestartAsync(Patience);
        var calendar = _host.Actors.SessionDeadlines("shard-00");
        var due = await calendar.ListDueAsync(start.AddMinutes(89), 1000, default);
        Assert.Equal(entered.Take(90), due.Items);
        await calendar.RemoveAsync(due, default);

        await _host.RestartAsync(Patience);
        Assert.Equal(entered.Skip(90), (await _host.Actors.SessionDeadlines("shard-00").ListDueAsync(start.AddDays(1), 1000, default)).Items);
    }

    [Fact]
    public async Task Sweep_OfASessionInUse_LeavesItAsItIs()
    {
        var session = await NewSessionAsync(new SessionSettings { TtlMinutes = 60 });
        await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        (await _host.Upstream.NextCallAsync()).Say("Hi");

        Assert.False(await session.SweepAsync(default));
        Assert.NotNull((await session.DescribeAsync(Owner, SessionScope.ActivePath, default)).ActiveTurnId);
    }

    private static string TextOf(IEnumerable<TurnEvent> events) =>
        string.Concat(events.Reverse().TakeWhile(shown => shown is not TurnRestarted).Reverse().OfType<TurnDelta>().Select(delta => delta.Text));

    private async Task<ISessionActor> NewSessionAsync(SessionSettings? settings = null)
    {
        var session = new CurrentSession(this, Guid.CreateVersion7().ToString());
        await session.CreateAsync(Owner, settings ?? new SessionSettings(), default);
        return session;
    }

    private async Task<List<LedgerEntry>> LedgerAsync()
    {
        var entries = new List<LedgerEntry>();
        await foreach (var entry in _host.Actors.CostTracker($"key:{Owner.Id}").ReadLedgerAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default))
            entries.Add(entry);

        return entries;
    }

    private static async Task<IReadOnlyList<string>> PathAsync(ISessionActor session) =>
        [.. (await session.DescribeAsync(Owner, SessionScope.ActivePath, default)).Messages.Select(message => message.Content)];

    private static async Task<List<TurnEvent>> ReadAsync(ISessionActor session, string turnId, long after = 0)
    {
        var events = new List<TurnEvent>();
        while (events is [] or [.., { IsLast: false }])
        {
            await foreach (var shown in session.ReadTurnAsync(Owner, turnId, events is [.., var last] ? last.Sequence : after, default))
                events.Add(shown);
        }

        return events;
    }

    private static async Task<List<TurnEvent>> ReadUntilAsync(ISessionActor session, string turnId, string text, long after)
    {
        var events = new List<TurnEvent>();
        await foreach (var shown in session.ReadTurnAsync(Owner, turnId, after, default))
        {
            events.Add(shown);
            if (shown is TurnDelta delta && delta.Text == text)
                break;
        }

        return events;
    }

    private static async Task<List<TurnEvent>> ReadWithBreaksAsync(ISessionActor session, string turnId, Random random)
    {
        var events = new List<TurnEvent>();
        while (events is [] or [.., { IsLast: false }])
        {
            var patience = random.Next(1, 60);
            await foreach (var shown in session.ReadTurnAsync(Owner, turnId, events.Count, default))
            {
                events.Add(shown);
                if (--patience == 0)
                    break;
            }
        }

        return events;
    }

    /// <summary>The session of whichever host runs now.</summary>
    private sealed class CurrentSession(SessionContract<THost> test, string id) : ISessionActor
    {
        private ISessionActor Now => test._host.Actors.Session(id);

        public ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken) =>
            Now.CreateAsync(caller, settings, cancellationToken);

        public ValueTask<SessionView> ImportAsync(ApiKey caller, SessionImport exported, CancellationToken cancellationToken) =>
            Now.ImportAsync(caller, exported, cancellationToken);

        public ValueTask<SessionView> ReadPathAsync(ApiKey caller, MessageRange range, CancellationToken cancellationToken) =>
            Now.ReadPathAsync(caller, range, cancellationToken);

        public ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken) =>
            Now.DescribeAsync(caller, scope, cancellationToken);

        public ValueTask<SessionMatchList> QuoteAsync(ApiKey caller, SessionQuotation quotation, CancellationToken cancellationToken) =>
            Now.QuoteAsync(caller, quotation, cancellationToken);

        public ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken) =>
            Now.UpdateAsync(caller, changes, cancellationToken);

        public ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken) => Now.DeleteAsync(caller, cancellationToken);

        public ValueTask<SessionView> RecordAsync(ApiKey caller, RecordedResponse response, CancellationToken cancellationToken) =>
            Now.RecordAsync(caller, response, cancellationToken);

        public ValueTask<SessionView> ReadResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
            Now.ReadResponseAsync(caller, responseId, cancellationToken);

        public ValueTask DeleteResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
            Now.DeleteResponseAsync(caller, responseId, cancellationToken);

        public ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken) =>
            Now.StartTurnAsync(caller, request, cancellationToken);

        public ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken) =>
            Now.RegenerateAsync(caller, turnId, model, cancellationToken);

        public ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
            Now.GetTurnAsync(caller, turnId, cancellationToken);

        public IAsyncEnumerable<TurnEvent> ReadTurnAsync(ApiKey caller, string turnId, long after, CancellationToken cancellationToken) =>
            Now.ReadTurnAsync(caller, turnId, after, cancellationToken);

        public ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
            Now.CancelTurnAsync(caller, turnId, cancellationToken);

        public ValueTask RecoverAsync(CancellationToken cancellationToken) => Now.RecoverAsync(cancellationToken);

        public ValueTask<bool> SweepAsync(CancellationToken cancellationToken) => Now.SweepAsync(cancellationToken);
    }
}
