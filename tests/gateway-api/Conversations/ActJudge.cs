using System.Text.Json;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Judges what one client was told, where the session's turns are known.</summary>
/// <param name="round">The round.</param>
/// <param name="session">The session after it.</param>
/// <param name="isDeleted">Whether it was deleted meanwhile.</param>
/// <param name="before">The turns before it.</param>
/// <param name="begun">The turns of the round.</param>
internal sealed class ActJudge(
    ConversationRound round, NaiveSession session, bool isDeleted, IReadOnlyList<NaiveTurn> before, IReadOnlyList<(NaiveTurn Turn, TurnAct Act)> begun)
{
    /// <summary>Judges it.</summary>
    /// <returns>What is wrong.</returns>
    public IEnumerable<string> Judge(Act act)
    {
        var fault = JudgeBreak(act) ?? JudgeSight(act) ?? (act.HasLeft || act.Status == 404 ? null : act switch
        {
            TurnAct asked => JudgeAsked(asked),
            ReadAct read => JudgeRead(read),
            OrderAct order => JudgeOrder(order),
            _ => null,
        });
        if (fault is not null)
            yield return $"{fault}: {act}\nin {session}";
    }

    private static string? JudgeBreak(Act act) => act.Broken is { } broken ? $"It broke off: {broken}" : null;

    /// <summary>To whom a session is not to be seen it does not exist, and to nobody else.</summary>
    private string? JudgeSight(Act act)
    {
        if (act.HasLeft)
            return null;

        if (!session.IsSeenBy(act.Key))
            return act.Status == 404 ? null : "It sees what it may not see";

        return act.Status != 404 || isDeleted || LooksForNothing(act) ? null : "It does not see what it may see";
    }

    private bool LooksForNothing(Act act) => act switch
    {
        TurnAct { ParentId: { } parent } => parent != "root" && !session.Messages.Exists(message => message.Id == parent),
        ReadAct read => MayBeDropped(read.Turn),
        OrderAct { Order: Order.CancelByFrame } order => MayBeDropped(order.Turn!),
        _ => false,
    };

    /// <summary>Whether the turn's events may be dropped by now.</summary>
    private bool MayBeDropped(NaiveTurn turn) => round.Ended - turn.Ended.Least >= ConversationSettings.Retention.Ticks;

    private bool MustBeDropped(NaiveTurn turn) => round.Began - turn.Ended.Most >= ConversationSettings.Retention.Ticks;

    private NaiveTurn? Find(string id) => begun.Select(one => one.Turn).FirstOrDefault(turn => turn.Id == id) ?? before.FirstOrDefault(turn => turn.Id == id);

    private string? JudgeAsked(TurnAct act)
    {
        if (act.Code is "turn_in_progress")
            return JudgeConflict(act);

        if (act.TurnId is null)
            return NaiveLimits.MayRefuse(act) ? null : "Nothing refuses it";

        if (Find(act.TurnId) is not { } turn)
            return "It is no turn's";

        return JudgeRepeat(act, turn) ?? act.Way switch
        {
            _ when turn.Events.Count == 0 => null,
            Way.Simple => JudgeSimple(act, turn),
            Way.Whole => JudgeWhole(act, turn),
            _ => act.Status == 200 ? act.Heard.FaultOf(turn.Events, isWhole: true) : "It has no events",
        };
    }

    /// <summary>A client's id is one turn's, whatever else is said with it; and nobody is answered with another's.</summary>
    private string? JudgeRepeat(TurnAct act, NaiveTurn turn)
    {
        if (act.ClientTurnId is not { } id)
            return turn.Question == act.Question && begun.Any(one => one.Turn == turn) ? null : "It is another's turn";

        if (turn.ClientTurnId != id)
            return "It is another id's turn";

        var old = before.LastOrDefault(other => other.ClientTurnId == id);
        return turn == old
            ? MustBeDropped(turn) ? "Its id is too old" : null
            : old is not null && !MayBeDropped(old) ? $"It should be {old}" : null;
    }

    /// <summary>One turn at a time: whoever comes second is told so while another is under way, and at no other time.</summary>
    private string? JudgeConflict(TurnAct act)
    {
        if (act.ClientTurnId is { } id && before.Any(turn => turn.ClientTurnId == id && !MayBeDropped(turn)))
            return "It should be a turn that was";

        if (act.ClientTurnId is { } same && round.Held.Exists(turn => turn.Session == session && turn.ClientTurnId == same) && act.IsLate)
            return "It should be the turn that runs";

        return isDeleted || begun.Any(one => one.Act != act && (act.IsLate || !one.Act.IsLate)) ? null : "No other turn runs";
    }

    private static string? JudgeSimple(TurnAct act, NaiveTurn turn)
    {
        if (turn.Status != "completed")
            return act.Status >= 400 && (turn.Status != "failed" || IsProblemOf(act, turn)) ? null : $"It should tell of {turn}";

        var usage = turn.View.ValueKind is JsonValueKind.Object ? turn.View.GetProperty("usage") : default;
        return act.Status == 200
            && act.Answer.GetProperty("response").GetString() == turn.Text
            && act.Answer.GetProperty("session_id").GetString() == turn.Session.Id
            && (usage.ValueKind is JsonValueKind.Undefined || act.Answer.GetProperty("usage").GetProperty("output_tokens").GetInt64() == usage.GetProperty("outputTokens").GetInt64())
            ? null
            : $"It should be the answer of {turn}";
    }

    private string? JudgeWhole(TurnAct act, NaiveTurn turn)
    {
        if (turn.Status == "failed")
            return IsProblemOf(act, turn) ? null : $"It should be the problem of {turn}";

        return act.Status == 200 && (isDeleted ? act.Answer.GetProperty("status").GetString() == turn.Status : JsonElement.DeepEquals(act.Answer, turn.View)) ? null : $"It should be {turn.View}";
    }

    private static bool IsProblemOf(TurnAct act, NaiveTurn turn) => turn.Events[^1].Told.StartsWith($"{act.Status} {act.Code}:", StringComparison.Ordinal);

    private string? JudgeRead(ReadAct act)
    {
        if (before.Contains(act.Turn) && MustBeDropped(act.Turn))
            return act.Way is Way.EventSource && act.Status == 204 ? null : "Its events should be gone";

        if (act.Turn.Events.Count == 0)
            return null;

        var last = act.Turn.Events[^1].Sequence;
        if (act.Status == 204)
            return act is { Way: Way.EventSource } && act.Heard.After >= last ? null : "It is told that nothing follows";

        return act.Status == 200 ? act.Heard.FaultOf(act.Turn.Events, isWhole: true) : "It cannot read";
    }

    /// <summary>A session whose turn is under way, and not being stopped, is shown with it and its question.</summary>
    private bool IsShown(OrderAct act) =>
        isDeleted
        || round.Acts.OfType<OrderAct>().Any(other => other.Turn == act.Turn && other.Order is Order.Cancel or Order.CancelByFrame)
        || (act.Answer.GetProperty("activeTurnId").GetString() == act.Turn!.Id && NaiveSession.MessagesIn(act.Answer)[^1].Content == act.Turn.Question.Text);

    private string? JudgeOrder(OrderAct act)
    {
        switch (act.Order)
        {
            case Order.Delete:
                return session.IsOwnedBy(act.Key) ? act.Status == 204 ? null : "It may delete it" : act.Status == 403 ? null : "It may not delete it";
            case Order.Switch:
                if (!session.IsOwnedBy(act.Key))
                    return act.Status == 403 ? null : "It may not change it";
                return act.Code is "turn_in_progress" ? null : "A turn runs";
            case Order.Cancel:
                return act.Status == 202 ? null : "It should be accepted";
            case Order.CancelByFrame:
                return act.Turn!.Events.Count == 0 || MayBeDropped(act.Turn) ? null : act.Heard.FaultOf(act.Turn.Events, isWhole: true);
            case Order.Look when before.Contains(act.Turn!):
                return JsonElement.DeepEquals(act.Answer, act.Turn!.View) ? null : $"It should be {act.Turn.View}";
            case Order.Look:
                return act.Status == 200 && (act.Answer.GetProperty("status").GetString() == "processing" || JsonElement.DeepEquals(act.Answer, act.Turn!.View)) ? null : "It should be under way";
            default:
                return act.Status == 200 && IsShown(act) ? null : "It should be shown with its turn";
        }
    }
}
