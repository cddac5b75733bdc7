namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>What is owed for what upstreams did, found from all calls and all answers anew.</summary>
internal static class NaiveBooks
{
    /// <summary>What a round is owed for.</summary>
    public static IEnumerable<Owed> Of(CallRound round)
    {
        foreach (var call in round.Calls)
        {
            if (OwedFor(call, round) is { } owed)
                yield return owed;
        }

        // A second call may lose before its upstream has read that it is asked.
        foreach (var question in round.Calls.Select(call => call.Question).Where(question => question.IsHedged).Distinct())
        {
            foreach (var upstream in CallSettings.RouteOf(question.Model).Where(upstream => round.Calls.TrueForAll(call => call.Question != question || call.Upstream != upstream)))
                yield return new Owed(question.Owner!, question.Model, upstream, null, 0, 0) { IsCertain = false };
        }

        foreach (var hit in round.Asks.Where(ask => ask is { Status: 200, Cache: "hit", IsReplayed: false }))
            yield return new Owed(hit.Key, hit.Question.Model, null, 0, 0, 0);
    }

    private static Owed? OwedFor(PlayedCall call, CallRound round)
    {
        var shown = ShownOf(call.Question, round);
        var isLoser = call.Question.IsHedged && shown.Count > 0 && !shown.Contains(call.Number);
        switch (call.End)
        {
            case CallEnd.Whole when isLoser:
                // Both may have begun at once: what was read of the one that lost until then is counted too, and may have been all of it.
                return Counted(0, call.Question.IsPassedThrough ? call.Sent : int.MaxValue) with { Told = call.Plan.Fate is Fate.HidesUsage ? null : Usage() };
            case CallEnd.Whole when call.Plan.Fate is Fate.HidesUsage:
                return Produced();
            case CallEnd.Whole:
                return Counted(Usage().Output, Usage().Output) with { Input = Usage().Input };
            case CallEnd.Broken when isLoser:
                return Counted(0, int.MaxValue);
            case CallEnd.Broken:
                return Produced();
            case CallEnd.Left when call.Sent > 0 && call.IsStream && call.Took >= CallSettings.Silence && !round.Asks.Exists(call.IsSeenBy):
                // The gateway may have had no time to read what it was sent.
                return Counted(0, int.MaxValue) with { IsCertain = false };
            case CallEnd.Left when call.Sent > 0 && call.IsStream:
                // An answer in one piece shows nobody how far it has come.
                return isLoser || (call.Took < CallSettings.Silence && !call.Question.IsStream) ? Counted(0, int.MaxValue) : Produced();
            case CallEnd.Left when call.Took >= CallSettings.Silence:
                // It gave no answer and is passed over; where the answer of the other call came at that moment, it may have lost instead.
                return call.Question.IsHedged ? Counted(0, 0) with { IsCertain = false } : null;
            case CallEnd.Left:
                // Of two calls without an answer the later one may have begun late, and have been passed over sooner than its upstream can tell.
                return Counted(0, 0) with { IsCertain = !call.Question.IsHedged || shown.Count > 0 };
            case CallEnd.Failed when isLoser:
                // It may have lost before its failure was heard of.
                return Counted(0, 0) with { IsCertain = false };
            default:
                return null;
        }

        Owed Produced() => call.Question is { IsPassedThrough: true, IsStream: true } ? Counted(call.Sent, call.Sent) : Counted(1, int.MaxValue);

        (long Input, long Output) Usage() => (Math.Max(0, call.Plan.Input), Math.Max(0, call.Plan.Output));

        Owed Counted(long least, long most) => new(Payer(), call.Question.Model, call.Upstream, null, least, most);

        string Payer() => call.Question.Owner
            ?? round.Asks.FirstOrDefault(ask => ask is { Status: 200, IsFresh: true } && ask.Question == call.Question && ask.Question.CallIn(ask.Body) == call.Number)?.Key
            ?? "nobody";
    }

    /// <summary>The calls whose answers were shown.</summary>
    private static List<int> ShownOf(Question question, CallRound round) =>
        [.. round.Asks.Where(ask => ask is { Status: 200, IsFresh: true } && ask.Question == question).Select(ask => question.CallIn(ask.Body)).OfType<int>()];
}

/// <summary>An entry that must be in a key's ledger.</summary>
/// <param name="Key">Whose.</param>
/// <param name="Model">The model.</param>
/// <param name="Upstream">The upstream; null for an answer of the cache.</param>
/// <param name="Input">Input tokens; null where the gateway counts.</param>
/// <param name="LeastOutput">Output tokens, at least.</param>
/// <param name="MostOutput">Output tokens, at most.</param>
internal sealed record Owed(string Key, string Model, string? Upstream, long? Input, long LeastOutput, long MostOutput)
{
    /// <summary>Input and output tokens as the upstream tells them, where the entry may go by those as well; null where it may not.</summary>
    public (long Input, long Output)? Told { get; init; }

    /// <summary>Whether it must be there; otherwise it may be.</summary>
    public bool IsCertain { get; init; } = true;
}
