using OrleansChat.Core.Costs;
using OrleansChat.Core.Sessions.Paging;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Sessions.Running;

/// <summary>What the end of a turn adds to a session: messages, a record, the compact log, the last event.</summary>
internal sealed record TurnEnd
{
    /// <summary>The messages that join the tree.</summary>
    public required IReadOnlyList<StoredMessage> Added { get; init; }

    /// <summary>The new end of the active path.</summary>
    public required string Leaf { get; init; }

    /// <summary>The turn's record.</summary>
    public required TurnRecord Record { get; init; }

    /// <summary>The turn's events with the last one.</summary>
    public required CompactTurnLog Log { get; init; }

    /// <summary>The last event, shown when all the rest is durable.</summary>
    public required TurnEvent Last { get; init; }

    /// <summary>Works out the end of a turn.</summary>
    /// <param name="open">The turn.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="events">Its events so far.</param>
    /// <param name="messages">The stored messages.</param>
    /// <param name="now">When it ended.</param>
    public static TurnEnd Of(OpenTurn open, TurnOutcome outcome, IReadOnlyList<TurnEvent> events, PagedLog<StoredMessage> messages, DateTimeOffset now)
    {
        var question = open.Question;
        var tail = open.QuestionIsStored ? messages.Tail : messages.Tail.After(messages.Limits, question.Message.Content.Length);
        var answer = Answer(open, outcome, PagedId.New(now, tail.Next(messages.Limits)), now);
        var last = LastEvent(open, outcome, answer?.Message.Id) with { Sequence = events.Count + 1 };

        // An attempt before the last one may have used something although nobody answered the last.
        var isSettled = outcome.Upstream is not null || outcome.Usage != TokenUsage.Zero;
        return new TurnEnd
        {
            Added = [.. new[] { open.QuestionIsStored ? null : question, answer }.OfType<StoredMessage>()],
            Leaf = answer?.Message.Id ?? question.Message.Id,
            Last = last,
            Log = CompactTurnLog.Pack([.. events, last]),
            Record = new TurnRecord
            {
                TurnId = open.TurnId,
                ClientTurnId = open.ClientTurnId,
                UserMessageId = question.Message.Id,
                MessageId = answer?.Message.Id,
                Status = outcome.Status,
                Model = open.Started.Model,
                Upstream = outcome.Upstream,
                Usage = isSettled ? outcome.Usage : null,
                CostNanoUsd = isSettled ? outcome.CostNanoUsd : null,
                Fallbacks = outcome.Fallbacks,
                Problem = outcome.Problem,
                EndedAt = now,
                LastSequence = last.Sequence,
            },
        };
    }

    private static StoredMessage? Answer(OpenTurn open, TurnOutcome outcome, string id, DateTimeOffset now)
    {
        // A whole answer is a message even when it is empty; a partial one only where the caller stopped it.
        if (outcome.Status is not TurnStatus.Completed && (outcome.Status is not TurnStatus.Cancelled || outcome.Text.Length == 0))
            return null;

        return MessageTree.Follow(open.Question, new SessionMessage
        {
            Id = id,
            ParentId = open.Question.Message.Id,
            Role = MessageRole.Assistant,
            Content = outcome.Text,
            Citations = outcome.Citations.Count > 0 ? outcome.Citations : null,
            CreatedAt = now,
        });
    }

    private static TurnEvent LastEvent(OpenTurn open, TurnOutcome outcome, string? messageId)
    {
        var cost = NanoUsd.ToUsd(outcome.CostNanoUsd);
        return outcome.Status switch
        {
            TurnStatus.Completed => new TurnCompleted(
                messageId!, outcome.FinishReason, outcome.Usage, cost, open.Started.Model, outcome.Upstream ?? "")
            { Fallbacks = outcome.Fallbacks },
            TurnStatus.Cancelled => new TurnCancelled(messageId, outcome.Usage, cost),
            TurnStatus.Interrupted => new TurnInterrupted(),
            _ => new TurnFailed(outcome.Problem!),
        };
    }
}
