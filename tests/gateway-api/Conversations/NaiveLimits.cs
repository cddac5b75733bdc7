using OrleansChat.GatewayApi.Tests.Calls;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>What limits and budgets allow, counted from all turns.</summary>
internal sealed class NaiveLimits
{
    private readonly List<long> _admitted = [];
    private readonly List<long> _perhapsAdmitted = [];

    /// <summary>The budget of the poor key, in US dollars.</summary>
    public decimal Budget { get; set; } = ConversationSettings.SmallBudget;

    /// <summary>What the poor key has spent, in US dollars.</summary>
    public decimal Spent { get; set; }

    /// <summary>Whether anything may refuse it.</summary>
    public static bool MayRefuse(TurnAct act) => act.Code switch
    {
        "rate_limited" => act.Key is ConversationSettings.Tight,
        "budget_exceeded" => act.Key is ConversationSettings.Poor || act.Session.BudgetUsd is not null,
        _ => false,
    };

    /// <summary>Judges a round: nothing passes that does not fit, and nothing that fits is refused.</summary>
    /// <returns>What is wrong.</returns>
    public IEnumerable<string> Judge(ConversationRound round)
    {
        foreach (var session in round.Acts.Select(act => act.Session).Distinct())
        {
            var asked = round.Asked.Where(act => act.Session == session).ToList();
            foreach (var refused in asked.Where(act => act is { Code: "budget_exceeded", TurnId: null }))
            {
                var open = asked.Count * MostOf(session, asked.Count);
                var isPoor = refused.Key == ConversationSettings.Poor && Spent + round.Asked.Where(act => act.Key == ConversationSettings.Poor).Sum(act => MostOf(act.Session, asked.Count)) > Budget;
                if (!isPoor && !(session.BudgetUsd is { } budget && session.Spent + open > budget))
                    yield return $"There is room in the budget: {refused}";
            }
        }

        foreach (var fault in JudgeTight(round))
            yield return fault;
    }

    /// <summary>Every sliding minute has as many requests as the limit allows, and nobody is refused before.</summary>
    private IEnumerable<string> JudgeTight(ConversationRound round)
    {
        var asked = round.Asked.Where(act => act.Key == ConversationSettings.Tight).ToList();
        var refused = asked.Where(act => act is { Code: "rate_limited", TurnId: null }).ToList();
        var turns = asked.Where(act => IsOwn(act, round)).Select(act => act.Question.Number)
            .Where(number => round.Calls.Exists(call => call.Question.Number == number && call.End is not CallEnd.Failed)).Distinct().Count();
        var recent = _admitted.Count(at => at > round.Began - TimeSpan.TicksPerMinute);
        if (recent + turns > ConversationSettings.Requests)
            yield return $"{recent} and {turns} turns are more than {ConversationSettings.Requests} in a minute:\n{string.Join('\n', asked)}";

        // What nobody answered is given back or not.
        _perhapsAdmitted.AddRange(Enumerable.Repeat(round.Began, asked.Count - refused.Count));
        var most = _perhapsAdmitted.Count(at => at > round.Began - TimeSpan.TicksPerMinute);
        if (refused.Count > 0 && most < ConversationSettings.Requests && asked.Count <= ConversationSettings.Places)
            yield return $"{most} turns are less than {ConversationSettings.Requests} in a minute:\n{string.Join('\n', refused)}";
        _admitted.AddRange(Enumerable.Repeat(round.Began, turns));
        var held = round.Held.Count(turn => asked.Exists(act => act.Question.Number == turn.Question.Number && IsOwn(act, round)));
        if (held > ConversationSettings.Places)
            yield return $"{held} turns at a time are more than {ConversationSettings.Places}";
    }

    /// <summary>Whether nobody else may have begun the same turn, at his own cost.</summary>
    private static bool IsOwn(TurnAct act, ConversationRound round) =>
        round.Asked.All(other => other.Key == act.Key || (other.Question.Number != act.Question.Number && (act.ClientTurnId is null || other.ClientTurnId != act.ClientTurnId)));

    /// <summary>What a turn may be held to cost at most, in US dollars: a byte is a token.</summary>
    private static decimal MostOf(NaiveSession session, int others) =>
        ((session.Messages.Sum(message => message.Content.Length + 10) + ((others + 1) * 2_500) + 1_000) * CallSettings.InputPrice) + (Question.MaxOutput * CallSettings.OutputPrice);
}
