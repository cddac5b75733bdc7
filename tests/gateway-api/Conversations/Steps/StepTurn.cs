namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>
/// A turn as it must be, one step after the other: whom it asks, what was said, how it ended and what is owed for it. It is a value of its own, so that what happens
/// beside a death can be thought both ways.
/// </summary>
internal sealed class StepTurn(NaiveTurn turn, string key, string model, IReadOnlyList<(string Role, string Content)> context)
{
    /// <summary>Deaths of hosts that it outlives.</summary>
    private const int MostDeaths = 1;

    private List<string> _untried = [];
    private bool _hasBegunAgain;
    private int _deaths;

    public NaiveTurn Turn => turn;

    public string Key => key;

    public string Model => model;

    /// <summary>What upstreams must be told.</summary>
    public IReadOnlyList<(string Role, string Content)> Context => context;

    public int Attempt { get; private set; } = 1;

    /// <summary>The attempt that the last host began with; what came before is told by no usage.</summary>
    public int FirstAttempt { get; private set; } = 1;

    /// <summary>The attempts that were begun again, in order.</summary>
    public List<int> Restarts { get; private set; } = [];

    /// <summary>What was said before each restart and after the last.</summary>
    public List<string> Parts { get; private set; } = [""];

    /// <summary>Its first call, and the second one beside it.</summary>
    public StepLane First { get; private set; } = new("", null);

    public StepLane? Second { get; private set; }

    /// <summary>The call that has answered.</summary>
    public string? Winner { get; private set; }

    /// <summary>When a second call is due, in ticks; null for none.</summary>
    public long? HedgeDue { get; private set; }

    /// <summary>How it ended; null while it runs.</summary>
    public string? End { get; private set; }

    /// <summary>What is owed, by operation.</summary>
    public Dictionary<string, Dues> Owed { get; private set; } = [];

    public string Text => Parts[^1];

    /// <summary>The upstreams that it must be asking now.</summary>
    public IEnumerable<string> Asked => Lanes.Select(lane => lane.Upstream).OfType<string>().Order(StringComparer.Ordinal);

    private IEnumerable<StepLane> Lanes => Second is null ? [First] : [First, Second];

    public override string ToString() =>
        $"turn {turn.Id} of question {turn.Question.Number}, {model}, {key}: attempt {Attempt}, asks {string.Join(" and ", Asked)}, {Winner} answers, '{Short(Parts)}', {End ?? "runs"}, {_deaths} deaths";

    /// <summary>What was said, for a story.</summary>
    public static string Short(IEnumerable<string> parts) => string.Join('|', parts.Select(part => part.Length < 40 ? part : $"{part[..16]}… {part[^16..]}"));

    /// <summary>Its first attempt sets out.</summary>
    public void Begin(long now) => SetOut(StepSettings.RouteOf(model), now);

    /// <summary>Another one like it, to go on differently.</summary>
    public StepTurn Copy() => new(turn, key, model, context)
    {
        _untried = [.. _untried],
        _hasBegunAgain = _hasBegunAgain,
        _deaths = _deaths,
        Attempt = Attempt,
        FirstAttempt = FirstAttempt,
        Restarts = [.. Restarts],
        Parts = [.. Parts],
        First = First,
        Second = Second,
        Winner = Winner,
        HedgeDue = HedgeDue,
        End = End,
        Owed = new(Owed),
    };

    /// <summary>Time has passed for the second call.</summary>
    public void Hedge()
    {
        HedgeDue = null;
        if (_untried.Count > 0 && key != StepSettings.Lone)
            Second = new StepLane($"{First.Operation}/hedge", Next());
    }

    public void Say(string upstream, string text)
    {
        Win(upstream);
        Parts[^1] += text;
    }

    public void Finish(string upstream, (long Input, long Output)? used)
    {
        Win(upstream);
        Owe(LaneOf(upstream), new Due(upstream, used, Text.Length > 0));
        Stop("completed");
    }

    /// <summary>A call fails: before its answer another upstream takes its place, and after it the turn begins again where there is one left.</summary>
    public void Fail(string upstream, long now)
    {
        var lane = LaneOf(upstream);
        if (Winner is null)
        {
            Put(lane with { Upstream = _untried.Count > 0 ? Next() : null });
            if (!Asked.Any())
                Stop("failed");
            return;
        }

        Owe(lane, new Due(upstream, null, true));
        if (_hasBegunAgain || _untried.Count == 0)
        {
            Stop("failed");
            return;
        }

        BeginAgain();
        _hasBegunAgain = true;
        SetOut([.. _untried], now);
    }

    public void Cancel()
    {
        OweAllAsked();
        Stop("cancelled");
    }

    /// <summary>The host stops in order: what was used is settled, and the next one begins again.</summary>
    public void HandOver(long now)
    {
        OweAllAsked();
        GoOnElsewhere(now);
    }

    /// <summary>The host dies: its calls are booked at their estimates, and the next host begins again, once.</summary>
    public void Die(long now)
    {
        foreach (var lane in Lanes)
        {
            // One that has lost may be settled or not; one that has failed is on record until the attempt ends.
            Owed[lane.Operation] = lane.Upstream is not null
                ? Dues.Of(Due.Lost)
                : Owed.TryGetValue(lane.Operation, out var owed) ? Dues.Either(owed, Dues.Of(Due.Lost)) : new Dues([Due.Lost], true);
        }

        if (++_deaths > MostDeaths)
        {
            Parts = [.. Parts.Select(_ => "")];
            FirstAttempt = Attempt + 1;
            Stop("interrupted");
            return;
        }

        GoOnElsewhere(now);
    }

    /// <summary>Whether its usage tells of an operation.</summary>
    public bool IsTold(string operation) =>
        Enumerable.Range(FirstAttempt, Attempt - FirstAttempt + 1).Any(attempt => operation == $"{turn.Id}/{attempt}" || operation == $"{turn.Id}/{attempt}/hedge");

    /// <summary>It is not known which of two has come to pass; they differ in nothing but what is owed.</summary>
    public void OweEither(StepTurn other)
    {
        foreach (var operation in Owed.Keys.Union(other.Owed.Keys).ToList())
            Owed[operation] = Dues.Either(Owed.GetValueOrDefault(operation), other.Owed.GetValueOrDefault(operation));
    }

    private void GoOnElsewhere(long now)
    {
        Parts = [.. Parts.Select(_ => "")];
        BeginAgain();
        _hasBegunAgain = false;
        FirstAttempt = Attempt;
        SetOut(StepSettings.RouteOf(model), now);
    }

    private void BeginAgain()
    {
        Restarts.Add(++Attempt);
        Parts.Add("");
    }

    private void SetOut(IEnumerable<string> route, long now)
    {
        _untried = [.. route];
        (First, Second, Winner) = (new StepLane($"{turn.Id}/{Attempt}", Next()), null, null);
        HedgeDue = model != StepSettings.Plain && _untried.Count > 0 ? now + StepSettings.HedgeAfter.Ticks : null;
    }

    private string Next()
    {
        var next = _untried[0];
        _untried.RemoveAt(0);
        return next;
    }

    private void Win(string upstream)
    {
        if (Winner is not null)
            return;

        Winner = upstream;
        HedgeDue = null;
        foreach (var lost in Lanes.Where(lane => lane.Upstream is not null && lane.Upstream != upstream).ToList())
        {
            Owe(lost, new Due(lost.Upstream, null, false));
            Put(lost with { Upstream = null });
        }
    }

    private void OweAllAsked()
    {
        foreach (var lane in Lanes.Where(lane => lane.Upstream is not null))
            Owe(lane, new Due(lane.Upstream, null, lane.Upstream == Winner && Text.Length > 0));
    }

    private void Owe(StepLane lane, Due due) => Owed[lane.Operation] = Dues.Of(due);

    private StepLane LaneOf(string upstream) => Lanes.Single(lane => lane.Upstream == upstream);

    private void Put(StepLane lane)
    {
        if (lane.Operation == First.Operation)
            First = lane;
        else
            Second = lane;
    }

    private void Stop(string end)
    {
        (End, HedgeDue) = (end, null);
        foreach (var lane in Lanes.ToList())
            Put(lane with { Upstream = null });
    }
}

/// <summary>One of the calls of an attempt.</summary>
/// <param name="Operation">Its operation.</param>
/// <param name="Upstream">The upstream that it asks; null for none any more.</param>
internal sealed record StepLane(string Operation, string? Upstream);
