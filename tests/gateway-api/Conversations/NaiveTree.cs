namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Finds out in which order the turns of a round can have come to a session, from the tree that they have left.</summary>
internal static class NaiveTree
{
    /// <summary>Grows a session by the turns of a round, in an order that leads to what is seen.</summary>
    /// <param name="session">The session.</param>
    /// <param name="begun">Who asked for each turn.</param>
    /// <param name="seen">All messages as they are seen afterwards.</param>
    /// <param name="leaf">The end of the active path as it is seen afterwards.</param>
    /// <returns>What is wrong; null for nothing.</returns>
    public static string? Grow(NaiveSession session, IReadOnlyList<(NaiveTurn Turn, TurnAct Act)> begun, IReadOnlyList<NaiveMessage> seen, string? leaf)
    {
        if (!seen.Take(session.Messages.Count).SequenceEqual(session.Messages))
            return $"Messages have changed:\n{string.Join('\n', session.Messages)}\nare\n{string.Join('\n', seen)}";

        foreach (var order in OrdersOf([.. begun]))
        {
            var at = session.Messages.Count;
            var end = session.Leaf;
            if (!order.TrueForAll(next => Follows(session, next.Turn, next.Act, seen, ref at, ref end)) || at != seen.Count || end != leaf)
                continue;

            session.Messages.AddRange(seen.Skip(session.Messages.Count));
            session.Leaf = leaf;
            session.Turns.AddRange(order.Select(next => next.Turn));
            return null;
        }

        return $"No order of its turns leads to\n{string.Join('\n', seen)}\nwith the end {leaf} from {session} with\n{string.Join('\n', begun)}";
    }

    private static bool Follows(NaiveSession session, NaiveTurn turn, TurnAct act, IReadOnlyList<NaiveMessage> seen, ref int at, ref string? leaf)
    {
        if (act.Again is { } again)
        {
            turn.QuestionId = again.QuestionId;
        }
        else
        {
            var parent = act.ParentId is "root" ? null : act.ParentId ?? leaf;
            if (at >= seen.Count || seen[at] is not { Role: NaiveMessage.User } asked || asked.ParentId != parent || asked.Content != turn.Question.Text)
                return false;

            turn.QuestionId = asked.Id;
            at++;
        }

        leaf = turn.QuestionId;
        if (!turn.HasAnswer)
            return true;

        if (at >= seen.Count || seen[at] is not { Role: NaiveMessage.Assistant } answered || answered.ParentId != turn.QuestionId || answered.Content != turn.Text)
            return false;

        leaf = answered.Id;
        at++;
        return session.Messages.TrueForAll(message => message.Id != answered.Id);
    }

    /// <summary>Turns that were seen under way when others came are before those.</summary>
    private static IEnumerable<List<(NaiveTurn Turn, TurnAct Act)>> OrdersOf(List<(NaiveTurn Turn, TurnAct Act)> turns)
    {
        if (turns.Count == 0)
            yield return [];

        foreach (var first in turns.Where(turn => !turn.Act.IsLate || turns.TrueForAll(other => other.Act.IsLate)))
        {
            foreach (var rest in OrdersOf([.. turns.Where(other => other != first)]))
                yield return [first, .. rest];
        }
    }
}
