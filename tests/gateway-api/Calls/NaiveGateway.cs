namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>What every answer of a round must be, from what upstreams did and what was answered before.</summary>
internal sealed class NaiveGateway(CallWorld world, bool opensBreakers)
{
    /// <summary>What a request may be held to cost at most, in US dollars.</summary>
    private const decimal MostCost = (2_600 * CallSettings.InputPrice) + (Question.MaxOutput * CallSettings.OutputPrice);

    private readonly List<long> _admitted = [];
    private readonly List<long> _perhapsAdmitted = [];

    public NaiveRepeats Repeats { get; } = new();

    public NaiveCache Cache { get; } = new();

    /// <summary>What is owed.</summary>
    public List<Owed> Owed { get; } = [];

    /// <summary>Requests of a minute that the limited key has now.</summary>
    public int Limit { get; set; } = CallSettings.FirstLimit;

    /// <summary>The budget of the poor key, in US dollars.</summary>
    public decimal Budget { get; set; } = CallSettings.SmallBudget;

    /// <summary>What the poor key has spent, in US dollars.</summary>
    public decimal Spent { get; set; }

    /// <summary>Requests that limits and budgets refused, at least and at most.</summary>
    public (int Least, int Most) Refused { get; private set; }

    /// <summary>Judges a round.</summary>
    /// <returns>What is wrong.</returns>
    public List<string> Judge(CallRound round)
    {
        var twice = round.Asks.Where(ask => ask is { Status: 200, IsFresh: true }).GroupBy(ask => (ask.Question, ask.Question.CallIn(ask.Body))).Where(asks => asks.Key.Item2 is not null && asks.Count() > 1)
            .Select(asks => $"One call is shown to several:\n{string.Join('\n', asks)}");
        var faults = twice.Concat(Repeats.Judge(round)).Concat(Cache.Judge(round)).Concat(round.Asks.SelectMany(ask => JudgeAnswer(ask, round))).Concat(JudgeLimit(round)).ToList();
        Owed.AddRange(NaiveBooks.Of(round));

        // A second call beside the first passes all limits and budgets too, or is refused without anybody being told.
        Refused = (Refused.Least, Refused.Most + round.Asks.Count(ask => ask.Question.IsHedged && ask.Key is CallSettings.Limited or CallSettings.Poor));
        return faults;
    }

    private IEnumerable<string> JudgeAnswer(Ask ask, CallRound round)
    {
        var calls = round.Calls.Where(call => call.Question == ask.Question).ToList();
        if (ask.HasLeft)
            return ask.Leaves ? [] : [$"It did not leave: {ask}"];

        if (ask.Status != 200)
            return JudgeRefusal(ask, calls, round);

        if (!ask.IsWhole || ask.Body.Contains(PlayedCall.Error, StringComparison.Ordinal))
            return calls.Exists(call => call.End is CallEnd.Broken or CallEnd.Left) ? [] : [$"It broke off for nothing: {ask}"];

        if (ask.Question.CallIn(ask.Body) is not { } number)
            return [$"It is no answer to the question: {ask}"];

        if (!ask.Question.PiecesOf(number).All(piece => ask.Body.Contains(piece, StringComparison.Ordinal)))
            return [$"Not all of the answer is there: {ask}"];

        return ask.IsFresh && !calls.Exists(call => call.Number == number) ? [$"It is old and nobody says so: {ask}"] : [];
    }

    private IEnumerable<string> JudgeRefusal(Ask ask, List<PlayedCall> calls, CallRound round)
    {
        var isJoint = ask.IdempotencyKey is not null && round.Asks.Exists(other => other != ask && other.Key == ask.Key && other.IdempotencyKey == ask.IdempotencyKey);
        if (!ask.IsWhole || ask.IsReplayed)
            return [$"A refusal in pieces: {ask}"];
        switch (ask.Status)
        {
            // Told by what is judged of repeats.
            case 400:
                return ask.IdempotencyKey is null ? [$"It is as it should be: {ask}"] : [];
            case 403 or 404:
                return ask.Key == CallSettings.Narrow && ask.Question.Model != CallSettings.Plain ? [] : [$"It may ask this: {ask}"];
            case 402:
                Refused = (Refused.Least + (isJoint ? 0 : 1), Refused.Most + 1);
                var open = round.Asks.Count(other => other.Key == ask.Key) * MostCost;
                return ask.Key == CallSettings.Poor && Spent + open > Budget ? [] : [$"The budget of {Budget} has room beside {Spent}: {ask}"];
            case 429 when ask.Body.Contains("scope 'key:limited'", StringComparison.Ordinal):
                Refused = (Refused.Least + (isJoint ? 0 : 1), Refused.Most + 1);
                return ask.Key == CallSettings.Limited ? [] : [$"It has no such limit: {ask}"];
            case 429 or 500 or 502 or 503 or 504:
                return CallSettings.RouteOf(ask.Question.Model).All(upstream => calls.Exists(call => call.Upstream == upstream && call.End is not CallEnd.Whole) || MayBeLeftAlone(upstream, round))
                    || calls.Exists(call => call.End is CallEnd.Broken or CallEnd.Left)
                    ? []
                    : [$"An upstream could have answered: {ask}"];
            default:
                return [$"Nobody expects that: {ask}"];
        }
    }

    /// <summary>Whether an upstream may be left alone: after a 429 for as long as it asks, and after failures until one call has gone well.</summary>
    private bool MayBeLeftAlone(string upstream, CallRound round) => upstream == "gone" || world.Upstreams.Calls.Any(call =>
        call.Upstream == upstream
        && (call.Plan.Fate is Fate.Limits ? call.Ended > round.Began - (PlayedCall.Cooldown * TimeSpan.TicksPerSecond) : opensBreakers && call.End is not CallEnd.Whole));

    /// <summary>Every sliding minute has as many requests as the limit allows, and nobody is refused before.</summary>
    private IEnumerable<string> JudgeLimit(CallRound round)
    {
        var asks = round.Asks.Where(ask => ask is { Key: CallSettings.Limited, IsReplayed: false } && ask.Status is not (400 or 403 or 404)).ToList();
        var refused = asks.Where(ask => ask.Status == 429 && ask.Body.Contains("requestsPerMinute", StringComparison.Ordinal)).ToList();
        var entered = asks.Where(ask => !(ask.Status == 429 && ask.Body.Contains("scope 'key:limited'", StringComparison.Ordinal))).ToList();

        // Repeats of one that failed may be that one.
        var joint = entered.Where(ask => ask.IdempotencyKey is not null && !ask.Succeeded).GroupBy(ask => ask.IdempotencyKey).Sum(group => group.Count() - 1);
        _admitted.AddRange(entered.Skip(joint).Select(_ => round.Began));
        _perhapsAdmitted.AddRange(entered.Concat(entered.Where(ask => ask.Question.IsHedged)).Select(_ => round.Began));
        var (least, most) = (InLastMinute(_admitted), InLastMinute(_perhapsAdmitted));
        if (entered.Count > joint && least > Limit)
            yield return $"{least} requests in a minute pass a limit of {Limit}:\n{string.Join('\n', asks)}";
        if (refused.Count > 0 && most < Limit)
            yield return $"After {most} requests in a minute a limit of {Limit} refuses {refused[0]}";
        if (round.MostHeld(CallSettings.Limited) > CallSettings.Places)
            yield return $"More than {CallSettings.Places} at a time:\n{string.Join('\n', asks)}";

        int InLastMinute(List<long> moments) => moments.Count(at => at > round.Began - TimeSpan.TicksPerMinute);
    }
}
