using OrleansChat.GatewayApi.Tests.Calls;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>All sessions of a run, and what every turn and every answer of a round must be.</summary>
internal sealed class NaiveConversations(ConversationWorld world)
{
    private readonly List<NaiveSession> _sessions = [];

    /// <summary>All sessions that ever were.</summary>
    public IReadOnlyList<NaiveSession> Sessions => _sessions;

    public IEnumerable<NaiveSession> Living => _sessions.Where(session => session is { IsGone: false, Owner: not null });

    /// <summary>What limits and budgets allow.</summary>
    public NaiveLimits Limits { get; } = new();

    /// <summary>A session that is to be.</summary>
    public NaiveSession New(string id)
    {
        var session = new NaiveSession(_sessions.Count, id) { Used = (world.Now, world.Now), Touched = (world.Now, world.Now) };
        _sessions.Add(session);
        return session;
    }

    /// <summary>Judges a round.</summary>
    /// <returns>What is wrong.</returns>
    public async Task<List<string>> JudgeAsync(ConversationRound round)
    {
        var faults = round.Faults.ToList();
        var known = new HashSet<int>();
        foreach (var acts in round.Acts.GroupBy(act => act.Session))
        {
            var judge = new SessionJudge(world, this, round, acts.Key, [.. acts]);
            faults.AddRange(await judge.JudgeAsync());
            known.UnionWith(judge.Turns.SelectMany(turn => turn.Calls).Select(call => call.Question.Number));
            if (acts.Key.IsGone)
                known.UnionWith(acts.OfType<TurnAct>().Select(act => act.Question.Number));
        }

        faults.AddRange(round.Calls.Where(call => !known.Contains(call.Question.Number)).Select(call => $"No turn asked for it: {call}"));
        faults.AddRange(Limits.Judge(round));
        return faults;
    }

    /// <summary>Whether an upstream may be left alone: after a 429 for as long as it asks.</summary>
    public bool MayBeLeftAlone(string upstream, long from) => upstream == "gone" || world.Upstreams.Calls.Any(call =>
        call.Upstream == upstream && call.Plan.Fate is Fate.Limits && call.Ended > from - (PlayedCall.Cooldown * TimeSpan.TicksPerSecond));
}
