using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Turns.Streaming;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionTurnTests : SessionTest
{
    [Fact]
    public async Task StartTurn_WhenUpstreamAnswers_LogsEveryPieceAndAppendsTheWhole()
    {
        var session = await NewSessionAsync();

        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("Good ").Say("day").Report(7, 2).End();
        var events = await ReadAsync(session, turn);

        Assert.Equal([1L, 2, 3, 4], events.Select(shown => shown.Sequence));
        Assert.Equal(new TurnStarted(turn.TurnId, "answer", "Answering with model default.", "default") { Sequence = 1 }, events[0]);
        Assert.Equal("Good day", TextOf(events));
        var completed = Assert.IsType<TurnCompleted>(events[^1]);
        Assert.Equal((7, 2, false), (completed.Usage.InputTokens, completed.Usage.OutputTokens, completed.Usage.Estimated));
        Assert.Equal(("stop", "default", "one", 0.000001m), (completed.FinishReason, completed.Model, completed.Upstream, completed.CostUsd));

        var view = await session.DescribeAsync(Owner, SessionScope.ActivePath);
        Assert.Equal([("user", "Hello"), ("assistant", "Good day")], view.Messages.Select(message => (message.Role, message.Content)));
        Assert.Equal(completed.MessageId, view.Messages[1].Id);
        Assert.Equal(view.Messages[0].Id, view.Messages[1].ParentId);
        Assert.Null(view.ActiveTurnId);
        var settled = Assert.Single(World.Admission.Settled);
        Assert.Equal(($"{turn.TurnId}/1", "one"), (settled.Operation, settled.Upstream));
    }

    [Fact]
    public async Task StartTurn_WhileUpstreamIsSilent_AnswersAtOnceAndShowsTheQuestion()
    {
        var session = await NewSessionAsync();

        var turn = await AskAsync(session, "Hello");

        var view = await session.DescribeAsync(Owner, SessionScope.ActivePath);
        Assert.Equal(TurnStatus.Processing, turn.Status);
        Assert.Equal(turn.TurnId, view.ActiveTurnId);
        Assert.Equal("Hello", Assert.Single(view.Messages).Content);
    }

    [Fact]
    public async Task StartTurn_WhileAnotherRuns_IsRefusedWithTheRunningTurn()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "One");

        var refusal = await Assert.ThrowsAsync<RequestException>(() => AskAsync(session, "Two"));

        Assert.Equal((409, turn.TurnId), (refusal.Problem.Status, refusal.Problem.Subject));
        Assert.NotEmpty(refusal.Problem.Suggestions);
    }

    [Fact]
    public async Task StartTurn_WhenNotAdmitted_ThrowsTheRefusalAndAppendsNothing()
    {
        var session = await NewSessionAsync();
        World.Admission.Refuse = _ => Problem.Of(ProblemCode.BudgetExceeded, "No money.");

        var refusal = await Assert.ThrowsAsync<RequestException>(() => AskAsync(session, "Hello"));

        Assert.Equal("budget_exceeded", refusal.Problem.Code);
        Assert.Empty(await PathAsync(session));
        Assert.Equal(0, World.Upstream.Count);
    }

    [Fact]
    public async Task StartTurn_WhenNoUpstreamHasRoom_IsRefusedBeforeAnythingIsSetAside_UnlessItIsACommand()
    {
        var session = await NewSessionAsync();
        World.Router.Refusal = new OrleansChatException(Problem.Of(ProblemCode.UpstreamUnavailable, "No room."));

        var refusal = await Assert.ThrowsAsync<OrleansChatException>(() => AskAsync(session, "Hello"));

        Assert.Equal("upstream_unavailable", refusal.Problem.Code);
        Assert.Empty(World.Admission.Asked);
        Assert.Empty(await PathAsync(session));

        var command = await AskAsync(session, "/help");
        Assert.Equal(command.TurnId, Assert.Single(World.Admission.Asked).OperationId.Split('/')[0]);
    }

    [Theory]
    [InlineData("", "invalid_request")]
    [InlineData(null, "too_large")]
    public async Task StartTurn_WhenMessageCannotBeAnswered_IsRefused(string? message, string code)
    {
        var session = await NewSessionAsync();

        var refusal = await Assert.ThrowsAsync<RequestException>(() => AskAsync(session, message ?? new string('.', 7_000)));

        Assert.Equal(code, refusal.Problem.Code);
        Assert.Empty(World.Admission.Asked);
    }

    [Fact]
    public async Task StartTurn_WhenModelIsUnknown_IsNotFound()
    {
        var session = await NewSessionAsync();

        var refusal = await Assert.ThrowsAsync<RequestException>(
            async () => await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", Model = "absent" }));

        Assert.Equal("not_found", refusal.Problem.Code);
    }

    [Fact]
    public async Task StartTurn_WithModelOfTheTurn_AsksThatModel()
    {
        var session = await NewSessionAsync();

        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", Model = "small" });
        var call = await World.Upstream.NextCallAsync();
        Answer(call, "Hi");
        var end = await EndOfAsync(session, turn);

        Assert.Equal("small", end.Model);
        Assert.Equal(100, call.Options!.MaxOutputTokens);
        Assert.Equal(100, World.Admission.Asked.Single().OutputTokens);
    }

    [Fact]
    public async Task StartTurn_WithKnownClientTurnId_ReturnsThatTurnWhileItRunsAndAfter()
    {
        var session = await NewSessionAsync();
        var first = await AskAsync(session, "Hello", clientTurnId: "c/1 ü");

        var repeated = await AskAsync(session, "Hello", clientTurnId: "c/1 ü");
        Answer(await World.Upstream.NextCallAsync(), "Hi");
        await ReadAsync(session, first);
        var afterEnd = await AskAsync(session, "Hello", clientTurnId: "c/1 ü");
        World.Crash();
        var afterCrash = await AskAsync(World.Session(session.Id), "Hello", clientTurnId: "c/1 ü");

        Assert.All([repeated, afterEnd, afterCrash], turn => Assert.Equal(first.TurnId, turn.TurnId));
        Assert.Equal((TurnStatus.Completed, "Hi"), (afterCrash.Status, afterCrash.Message?.Content));
        Assert.Equal(1, World.Upstream.Count);
    }

    [Fact]
    public async Task StartTurn_WithClientTurnIdOfYesterday_BeginsAnew()
    {
        var session = await NewSessionAsync();
        var first = await ChatAsync(session, "Hello", "Hi", clientTurnId: "c");

        World.Clock.Advance(TimeSpan.FromHours(24));
        var second = await AskAsync(session, "Hello", clientTurnId: "c");

        Assert.NotEqual(first.TurnId, second.TurnId);
    }

    [Fact]
    public async Task StartTurn_WhenUpstreamGivesNoUsage_CountsAndSaysSo()
    {
        var session = await NewSessionAsync();

        var end = await ChatAsync(session, "Hello", "four word answer here");

        Assert.True(end.Usage!.Estimated);
        Assert.Equal(TokenEstimate.Count("four word answer here"), end.Usage.OutputTokens);
    }

    [Fact]
    public async Task StartTurn_WhenFirstUpstreamFailsBeforeItsFirstToken_GoesToTheNextUnseen()
    {
        var session = await NewSessionAsync();

        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Fail(new UpstreamException("one", UpstreamFailure.ServerError, "boom"));
        Answer(await World.Upstreams["two"].NextCallAsync(), "Hi");
        var events = await ReadAsync(session, turn);

        Assert.Equal([typeof(TurnStarted), typeof(TurnDelta), typeof(TurnCompleted)], events.Select(shown => shown.GetType()));
        Assert.Equal("two", Assert.IsType<TurnCompleted>(events[^1]).Upstream);
    }

    [Fact]
    public async Task StartTurn_WhenUpstreamBreaksOff_RestartsVisiblyOnTheNextAndSettlesBoth()
    {
        var session = await NewSessionAsync();

        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("Half an ans").Fail(new UpstreamException("one", UpstreamFailure.Connection, "cut"));
        Answer(await World.Upstreams["two"].NextCallAsync(), "A whole answer");
        var events = await ReadAsync(session, turn);

        Assert.Equal(
            [typeof(TurnStarted), typeof(TurnDelta), typeof(TurnRestarted), typeof(TurnDelta), typeof(TurnCompleted)],
            events.Select(shown => shown.GetType()));
        Assert.Equal("A whole answer", TextOf(events));
        Assert.Equal(["Hello", "A whole answer"], await PathAsync(session));
        Assert.Equal(("one", UpstreamFailure.Connection), Assert.Single(World.Router.Reported));
        Assert.Equal([($"{turn.TurnId}/1", "one"), ($"{turn.TurnId}/2", "two")], World.Admission.Settled.Select(one => (one.Operation, one.Upstream)));
        Assert.Equal(0.000002m, Assert.IsType<TurnCompleted>(events[^1]).CostUsd);
    }

    [Fact]
    public async Task StartTurn_WhenTheLastUpstreamBreaksOff_FailsWithItsProblem()
    {
        var session = await NewSessionAsync();

        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("Half").Fail(new UpstreamException("one", UpstreamFailure.Connection, "cut"));
        (await World.Upstreams["two"].NextCallAsync()).Say("Other").Fail(new UpstreamException("two", UpstreamFailure.Timeout, "slow"));
        var events = await ReadAsync(session, turn);

        Assert.Equal("upstream_timeout", Assert.IsType<TurnFailed>(events[^1]).Problem.Code);
        var view = await session.GetTurnAsync(Owner, turn.TurnId);
        Assert.Equal((TurnStatus.Failed, "upstream_timeout"), (view.Status, view.Problem?.Code));
        Assert.Equal(["Hello"], await PathAsync(session));
        Assert.Equal(2, World.Admission.Settled.Count);
    }

    [Fact]
    public async Task StartTurn_WhenNobodyAnswersAfterABreak_TellsWhatWasUsedBefore()
    {
        var session = await NewSessionAsync();

        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("Half").Fail(new UpstreamException("one", UpstreamFailure.Connection, "cut"));
        (await World.Upstreams["two"].NextCallAsync()).Fail(new UpstreamException("two", UpstreamFailure.ServerError, "down"));
        var events = await ReadAsync(session, turn);

        Assert.IsType<TurnFailed>(events[^1]);
        var settled = Assert.Single(World.Admission.Settled);
        var view = await session.GetTurnAsync(Owner, turn.TurnId);
        Assert.Equal((settled.Usage, 0.000001m, null), (view.Usage, view.CostUsd, view.Upstream));
    }

    [Fact]
    public async Task StartTurn_WhenNoUpstreamAnswers_FailsAndTakesTheReservationBack()
    {
        var session = await NewSessionAsync();

        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Fail(new UpstreamException("one", UpstreamFailure.ServerError, "boom"));
        (await World.Upstreams["two"].NextCallAsync()).Fail(new UpstreamException("two", UpstreamFailure.ServerError, "bang"));
        var events = await ReadAsync(session, turn);

        Assert.Equal("upstream_error", Assert.IsType<TurnFailed>(events[^1]).Problem.Code);
        Assert.Equal($"{turn.TurnId}/1", Assert.Single(World.Admission.Released));
        Assert.Empty(World.Admission.Settled);
    }

    [Fact]
    public async Task StartTurn_WhenAFaultOfOursStrikes_FailsAsInternalAndTheSessionGoesOn()
    {
        var session = await NewSessionAsync();

        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("Half").Fail(new InvalidOperationException("secret detail"));
        var failed = Assert.IsType<TurnFailed>((await ReadAsync(session, turn))[^1]);

        Assert.Equal("internal", failed.Problem.Code);
        Assert.DoesNotContain("secret", failed.Problem.Detail, StringComparison.Ordinal);
        Assert.Single(World.Admission.Settled);
        Assert.Equal(TurnStatus.Completed, (await ChatAsync(session, "Again", "Fine")).Status);
    }

    [Fact]
    public async Task StartTurn_WithPassages_AnnouncesTheSearchAndCitesWhatTheAnswerQuotes()
    {
        World.Retriever.Passages =
        [
            new Passage(new Citation(1, "a.md", "docs/a.md", 3, 9), "A", "Apples are red."),
            new Passage(new Citation(2, "b.md"), "B", "Pears are green."),
        ];
        var session = await NewSessionAsync(new SessionSettings { Collections = ["docs"] });

        var turn = await AskAsync(session, "What is green?");
        var call = await World.Upstream.NextCallAsync();
        Answer(call, "Pears [2], not [7].");
        var events = await ReadAsync(session, turn);

        Assert.Equal("Searching 'docs' and answering with model default.", Assert.IsType<TurnStarted>(events[0]).Announcement);
        Assert.Equal(new Citation(2, "b.md"), Assert.IsType<TurnCitation>(events[^2]).Citation);
        Assert.Single(events.OfType<TurnCitation>());
        Assert.Contains("[1] A, lines 3 to 9\nApples are red.", call.Messages[0].Text, StringComparison.Ordinal);
        Assert.Equal(2, ((IReadOnlyList<Passage>)call.Options!.AdditionalProperties![Passage.PropertyName]!).Count);
        Assert.Equal(["docs"], World.Retriever.LastCollections!);
        var stored = (await session.DescribeAsync(Owner, SessionScope.ActivePath)).Messages[^1];
        Assert.Equal([new Citation(2, "b.md")], stored.Citations!);
    }

    [Fact]
    public async Task StartTurn_WhenRetrievalFails_AnswersWithoutPassages()
    {
        World.Retriever.Fault = new StorageException("The index is away.");
        var session = await NewSessionAsync();

        var end = await ChatAsync(session, "Hello", "Hi [1]");

        Assert.Equal((TurnStatus.Completed, "Hi [1]"), (end.Status, end.Message?.Content));
    }

    [Fact]
    public async Task StartTurn_WhenItLasts_RenewsItsLeasesAndStaysInMemory()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        var call = await World.Upstream.NextCallAsync();
        call.Say("…");
        await ReadUntilAsync(session, turn, shown => shown is TurnDelta);

        await TestWait.UntilAsync(() => World.Clock.HasTimerIn(LeaseRenewal.Period));
        World.Clock.Advance(LeaseRenewal.Period);
        await TestWait.UntilAsync(() => World.Admission.Renewed > 0);
        Answer(call, "done");
        await ReadAsync(session, turn);

        Assert.Equal(1, World.Admission.Renewed);
        Assert.True(session.Context!.Delayed > LeaseRenewal.Period);
    }

    [Fact]
    public async Task StartTurn_WhenACharacterIsSplit_NeverShowsHalfOfIt()
    {
        var session = await NewSessionAsync();

        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("a\ud83d").Say("\ude00b").End();
        var events = await ReadAsync(session, turn);

        Assert.Equal(["a", "\ud83d\ude00b"], events.OfType<TurnDelta>().Select(delta => delta.Text));
    }
}
