using System.Text;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Core.Tests.Sessions;

/// <summary>Model <c>small</c> takes 260 tokens of input, and half of them stay with the newest messages.</summary>
public sealed class SessionSummaryTests() : SessionTest(new SessionOptions())
{
    private const string Left = "was left out";
    private static readonly string Long = string.Concat(Enumerable.Repeat("word ", 30));

    [Fact]
    public async Task Turn_WhoseBeginningDoesNotFit_IsFollowedByASummaryThatTheNextTurnIsTold()
    {
        var session = await NewSessionAsync(new SessionSettings { Model = "small" });
        await ChatPastTheWindowAsync(session);

        var asked = await World.Upstream.NextCallAsync();
        Assert.Contains("User: first ", asked.Messages[^1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("last", asked.Messages[^1].Text, StringComparison.Ordinal);
        await AnswerSummaryAsync(session, asked, "They spoke of words.");

        await AskAsync(session, "And now?");
        var next = await World.Upstream.NextCallAsync();
        Assert.Equal(ChatRole.System, next.Messages[0].Role);
        Assert.EndsWith("A summary of it:\nThey spoke of words.", next.Messages[0].Text, StringComparison.Ordinal);
        Assert.Equal("And now?", next.Messages[^1].Text);
        Answer(next, "Good.");
    }

    [Fact]
    public async Task Summary_WhenTheChatGoesOn_IsWrittenAnewFromItselfAndWhatFollowed()
    {
        var session = await NewSessionAsync(new SessionSettings { Model = "small" });
        await ChatPastTheWindowAsync(session);
        await AnswerSummaryAsync(session, await World.Upstream.NextCallAsync(), "Once.");

        var asked = await ChatUntilSummaryAsync(session);

        Assert.StartsWith("Summary so far:\nOnce.", asked.Messages[^1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("User: first ", asked.Messages[^1].Text, StringComparison.Ordinal);
        await AnswerSummaryAsync(session, asked, "Twice.");
        World.Crash();
        session = World.Session(session.Id);
        await AskAsync(session, "And now?");
        var next = await World.Upstream.NextCallAsync();
        Assert.EndsWith("Twice.", next.Messages[0].Text, StringComparison.Ordinal);
        Answer(next, "Good.");
    }

    [Fact]
    public async Task Summary_IsAdmittedAndSettledAsAnOperationOfItsOwn()
    {
        var session = await NewSessionAsync(new SessionSettings { Model = "small", BudgetUsd = 1 });
        var turn = await ChatPastTheWindowAsync(session);
        var asked = await World.Upstream.NextCallAsync();
        asked.Report(90, 6);
        await AnswerSummaryAsync(session, asked, "They spoke of words.");

        var admitted = Assert.Single(World.Admission.Asked, request => request.OperationId == $"{turn.TurnId}/summary/1");
        Assert.Equal((Owner.Id, session.Id, (long?)asked.Options!.MaxOutputTokens), (admitted.Key.Id, admitted.SessionId, admitted.OutputTokens));
        Assert.NotNull(admitted.SessionBudget);
        Assert.InRange(admitted.InputTokens, asked.Messages.Sum(message => TokenEstimate.Count(message.Text)), 400);
        Assert.Equal(90, Assert.Single(World.Admission.Settled, settled => settled.Operation == admitted.OperationId).Usage.InputTokens);
    }

    [Fact]
    public async Task Summary_ThatIsRefused_LeavesTheModelWithTheNote()
    {
        World.Admission.Refuse = request =>
            request.OperationId.Contains("/summary", StringComparison.Ordinal) ? Problem.Of(ProblemCode.BudgetExceeded, "No.") : null;
        var session = await NewSessionAsync(new SessionSettings { Model = "small" });
        await ChatPastTheWindowAsync(session);

        await AskAsync(session, "And now?");

        var next = await World.Upstream.NextCallAsync();
        Assert.False(IsSummary(next));
        Assert.Contains(Left, next.Messages[0].Text, StringComparison.Ordinal);
        Answer(next, "Good.");
    }

    [Fact]
    public async Task Summary_ThatFails_LeavesTheModelWithTheNoteAndIsTriedAgain()
    {
        var session = await NewSessionAsync(new SessionSettings { Model = "small" });
        await ChatPastTheWindowAsync(session);
        (await World.Upstream.NextCallAsync()).Fail(new UpstreamException("one", UpstreamFailure.ServerError, "boom"));

        var turn = await AskAsync(session, "And now?");
        var next = await World.Upstream.NextCallAsync();
        Assert.Contains(Left, next.Messages[0].Text, StringComparison.Ordinal);
        Answer(next, "Good.");
        await EndOfAsync(session, turn);

        await AnswerSummaryAsync(session, await ChatUntilSummaryAsync(session), "At last.");
    }

    [Fact]
    public async Task Edit_BeforeTheSummary_IsAnsweredWithoutIt()
    {
        var session = await NewSessionAsync(new SessionSettings { Model = "small" });
        await ChatPastTheWindowAsync(session);
        await AnswerSummaryAsync(session, await World.Upstream.NextCallAsync(), "They spoke of words.");

        await AskAsync(session, "Something else", TurnRequest.Root);

        var next = await World.Upstream.NextCallAsync();
        Assert.Equal("Something else", Assert.Single(next.Messages).Text);
        Answer(next, "Good.");
    }

    [Fact]
    public async Task Delete_WhileASummaryIsWritten_StopsItsCall()
    {
        var session = await NewSessionAsync(new SessionSettings { Model = "small" });
        await ChatPastTheWindowAsync(session);
        var asked = await World.Upstream.NextCallAsync();

        await session.DeleteAsync(Owner);

        Assert.True(asked.Stopped.IsCancellationRequested);
        Assert.DoesNotContain(World.Store.Keys, key => key.Contains(session.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Chat_WithAModelThatOnlyQuotes_GoesOnWithoutSummaries()
    {
        World.Upstreams[UpstreamOptions.BuiltinId] = new ScriptedChatClient { Answer = call => call.Say($"quoted {Long}").End() };
        var session = await NewSessionAsync(new SessionSettings { Model = "quoting" });

        for (var i = 0; i < 8; i++)
            await EndOfAsync(session, await AskAsync(session, $"{i} {Long}"));
        await session.DeactivateAsync();

        Assert.Equal(8, World.Upstreams[UpstreamOptions.BuiltinId].Count);
        Assert.Equal(0, World.Upstream.Count);
    }

    private static bool IsSummary(ScriptedChatCall call) => call.Messages[^1].Text.Contains("Messages that follow:", StringComparison.Ordinal);

    /// <summary>Chats until a turn leaves messages out; its summary is asked for next.</summary>
    private async Task<TurnView> ChatPastTheWindowAsync(SessionHandle session)
    {
        await ChatAsync(session, $"first {Long}", $"answer {Long}");
        await ChatAsync(session, $"second {Long}", $"answer {Long}");
        await ChatAsync(session, $"third {Long}", $"answer {Long}");
        return await ChatAsync(session, $"fourth {Long}", $"last {Long}");
    }

    /// <summary>Chats on until a summary is asked for, which may come before or after the next turn's call.</summary>
    private async Task<ScriptedChatCall> ChatUntilSummaryAsync(SessionHandle session)
    {
        for (ScriptedChatCall? summary = null; ;)
        {
            var turn = await AskAsync(session, $"more {Long}");
            var call = await World.Upstream.NextCallAsync();
            if (IsSummary(call))
                (summary, call) = (call, await World.Upstream.NextCallAsync());

            Answer(call, $"answer {Long}");
            await EndOfAsync(session, turn);

            // What follows its last event decides whether a summary begins: while one is asked for, none does; once that is answered, another one would.
            await World.Running.WhenNoneAsync().WaitAsync(TestWait.Limit);
            if (summary is not null)
                return summary;
        }
    }

    private async Task AnswerSummaryAsync(SessionHandle session, ScriptedChatCall asked, string summary)
    {
        Answer(asked, summary);
        await TestWait.UntilAsync(() =>
            World.Store.Read($"session/{session.Id}/main").Value is { } value && Encoding.UTF8.GetString(value).Contains(summary, StringComparison.Ordinal));
    }
}
