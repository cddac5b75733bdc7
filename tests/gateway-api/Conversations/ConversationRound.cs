using OrleansChat.GatewayApi.Tests.Calls;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>
/// Many clients at a time: they ask and read, and upstreams wait where their plans say so; then it is seen which turns are under way, a witness hears each of them, some clients hang up and
/// others come; then nobody waits any longer, and time passes for upstreams that are silent. The clock stands still but for that.
/// </summary>
internal sealed class ConversationRound(ConversationWorld world)
{
    private readonly int _before = world.Upstreams.Calls.Count;
    private readonly List<ReadAct> _witnesses = [];

    /// <summary>When it began, in ticks.</summary>
    public long Began { get; } = world.Now;

    /// <summary>When it was over, in ticks.</summary>
    public long Ended { get; private set; }

    public List<Act> Acts { get; } = [];

    /// <summary>The turns that were seen under way, and what they ask.</summary>
    public List<NaiveTurn> Running { get; } = [];

    /// <summary>The turns among them that were under way when others came.</summary>
    public List<NaiveTurn> Held { get; private set; } = [];

    public List<string> Faults { get; } = [];

    /// <summary>The calls that upstreams had meanwhile.</summary>
    public List<PlayedCall> Calls => [.. world.Upstreams.Calls.Skip(_before)];

    public IEnumerable<TurnAct> Asked => Acts.OfType<TurnAct>();

    /// <summary>The one that heard a turn from its first event; null where nobody was sent.</summary>
    public ReadAct? WitnessOf(string? turnId) => _witnesses.Find(witness => witness.Turn.Id == turnId);

    /// <summary>Plays it.</summary>
    /// <param name="acts">What is done at first.</param>
    /// <param name="drawLeaving">Draws who hangs up, of those who wait.</param>
    /// <param name="drawLate">Draws what is done while turns are under way.</param>
    public async Task RunAsync(IEnumerable<Act> acts, Func<Act, bool> drawLeaving, Func<ConversationRound, IEnumerable<Act>> drawLate)
    {
        world.Upstreams.Hold();
        await StartAsync(acts);
        await FindRunningAsync();
        Held = [.. Running];
        foreach (var act in Acts.Where(act => act is not OrderAct && !_witnesses.Contains(act) && !act.Doing.IsCompleted && drawLeaving(act)).ToList())
        {
            // The turn is on its way, and all that was said so far has been heard.
            await TestWait.UntilAsync(() => Running.TrueForAll(IsHeard));
            await act.LeaveAsync();
        }

        await TestWait.UntilAsync(() => Running.TrueForAll(IsHeard));
        await StartAsync(drawLate(this));
        await FindRunningAsync();

        // Whoever is stopped is told so before he could go on.
        await TestWait.UntilAsync(() => Held.TrueForAll(turn => !IsStopped(turn) || (WitnessOf(turn.Id)!.Heard.HasEnd && CallsOf(turn).All(call => call.IsOver))));
        world.Upstreams.Release();
        await LoseSilentOnesAsync();
        await TestWait.UntilAsync(() => Calls.TrueForAll(call => call.IsOver));
        Ended = world.Now;
    }

    private bool IsStopped(NaiveTurn turn) => Acts.OfType<OrderAct>().Any(act => act.Turn == turn && act is { Order: Order.Cancel or Order.CancelByFrame, Status: < 300 });

    private async Task StartAsync(IEnumerable<Act> acts)
    {
        foreach (var act in acts)
        {
            Acts.Add(act);
            act.Start(world);
        }

        await TestWait.UntilAsync(() => Acts.TrueForAll(IsAtRest));
    }

    /// <summary>What waits for an upstream is at rest, and so is whoever waits for that turn.</summary>
    private bool IsAtRest(Act act) => act.Doing.IsCompleted || act switch
    {
        TurnAct asked => IsWaiting(asked.Question) || Asked.Any(other => IsSameTurn(asked, other) && IsWaiting(other.Question)),
        ReadAct read => IsWaiting(read.Turn.Question),
        _ => false,
    };

    private static bool IsSameTurn(TurnAct one, TurnAct other) => one.ClientTurnId is { } id && other.ClientTurnId == id && one.Session == other.Session;

    private bool IsWaiting(Question question) => Calls.Exists(call => call.Question.Number == question.Number && (call.IsHeld || call.IsSilent));

    /// <summary>Whether a witness has heard all that an upstream has said.</summary>
    private bool IsHeard(NaiveTurn turn) => CallsOf(turn).All(call =>
        call.IsOver || call.Sent == 0 || WitnessOf(turn.Id)!.Heard.Said.Contains(turn.Question.PiecesOf(call.Number)[call.Sent - 1], StringComparison.Ordinal));

    private IEnumerable<PlayedCall> CallsOf(NaiveTurn turn) => Calls.Where(call => call.Question.Number == turn.Question.Number);

    /// <summary>Asks every session with a waiting call which turn that is, and sends a witness.</summary>
    private async Task FindRunningAsync()
    {
        var waiting = Calls.Where(call => call.IsHeld || call.IsSilent).Select(call => call.Question).DistinctBy(question => question.Number).ToList();
        var asked = waiting.Select(question => Asked.First(act => act.Question.Number == question.Number)).ToList();
        foreach (var session in asked.GroupBy(act => act.Session))
        {
            if (session.Count() > 1)
                Faults.Add($"Two turns at a time:\n{string.Join('\n', session)}");
        }

        foreach (var act in asked.Where(act => Running.TrueForAll(turn => turn.Question.Number != act.Question.Number)))
        {
            var (status, shown) = await world.AskAsync(ConversationSettings.Boss, HttpMethod.Get, $"/api/sessions/{act.Session.Id}");
            if (status != 200 || !shown.TryGetProperty("activeTurnId", out var id))
            {
                Faults.Add($"Its turn runs, and {act.Session} says {status}, {shown}: {act}");
                continue;
            }

            var turn = new NaiveTurn(act.Session, act.Question, id.GetString()!) { ClientTurnId = act.ClientTurnId };
            Running.Add(turn);
            var witness = new ReadAct(ConversationSettings.Boss, turn, Way.Events, 0) { IsLate = true };
            _witnesses.Add(witness);
            Acts.Add(witness);
            witness.Start(world);
        }
    }

    private async Task LoseSilentOnesAsync()
    {
        while (true)
        {
            await TestWait.UntilAsync(() => Acts.TrueForAll(IsAtRest) && Calls.TrueForAll(call => call.IsOver || call.IsSilent));
            if (Acts.TrueForAll(act => act.Doing.IsCompleted))
                return;

            await FindRunningAsync();
            var silent = Calls.Where(call => call.IsSilent).ToList();
            await TestWait.UntilAsync(() => Running.TrueForAll(IsHeard));
            world.Clock.Advance(CallSettings.Silence);
            await TestWait.UntilAsync(() => silent.TrueForAll(call => call.IsOver));
        }
    }
}
