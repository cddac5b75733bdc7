using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>
/// Many callers at a time: they ask, and upstreams wait where their plans say so; some hang up and others come meanwhile; then time passes for hedges, nobody waits any longer, and time passes
/// for those who are silent. The clock stands still but for those two.
/// </summary>
internal sealed class CallRound(CallWorld world)
{
    private readonly int _before = world.Upstreams.Calls.Count;
    private List<PlayedCall> _held = [];

    /// <summary>When it began, in ticks.</summary>
    public long Began { get; } = world.Clock.GetTimestamp();

    /// <summary>When it was over, in ticks.</summary>
    public long Ended { get; private set; }

    public List<Ask> Asks { get; } = [];

    /// <summary>The calls that upstreams had meanwhile.</summary>
    public List<PlayedCall> Calls => [.. world.Upstreams.Calls.Skip(_before)];

    /// <summary>The most calls of a key that upstreams had at a time.</summary>
    public int MostHeld(string key) => _held.Count(call => call.Question.Owner == key);

    /// <summary>Plays it.</summary>
    /// <param name="asks">Those who ask at first.</param>
    /// <param name="drawLate">Draws those who come while calls wait, from what waits.</param>
    public async Task RunAsync(IEnumerable<Ask> asks, Func<IReadOnlyList<Ask>, IEnumerable<Ask>> drawLate)
    {
        world.Upstreams.Hold();
        Start(asks);
        await TestWait.UntilAsync(() => Asks.TrueForAll(IsAtRest));
        _held = [.. Calls.Where(call => call.IsHeld || call.IsSilent)];
        await LeaveAsync();

        Start(drawLate([.. Asks.Where(IsHeld)]));
        await TestWait.UntilAsync(() => Asks.TrueForAll(IsAtRest) && world.InFlight == Asks.Count(IsUnderWay));
        await HedgeAsync();
        world.Upstreams.Release();
        await LoseSilentOnesAsync();
        await TestWait.UntilAsync(() => Calls.TrueForAll(call => call.IsOver));
        Ended = world.Clock.GetTimestamp();
    }

    private void Start(IEnumerable<Ask> asks)
    {
        foreach (var ask in asks)
        {
            Asks.Add(ask);
            ask.Start(world.Client);
        }
    }

    /// <summary>Whoever asks for something else under a key that is in use waits for nobody.</summary>
    private bool IsAtRest(Ask ask) =>
        ask.Answering.IsCompleted || (IsWaiting(ask.Question) && !(ask.IsLate && Asks.TrueForAll(other => other.IsLate || other.Question != ask.Question)));

    /// <summary>Whether he waits, or what he has begun goes on without him.</summary>
    private static bool IsUnderWay(Ask ask) => !ask.Answering.IsCompleted || ask is { HasLeft: true, IdempotencyKey: not null };

    private bool IsHeld(Ask ask) => world.Upstreams.Of(ask.Question).Any(call => call.IsHeld);

    private bool IsWaiting(Question question) => world.Upstreams.Of(question).Any(call => call.IsHeld || call.IsSilent);

    private async Task LeaveAsync()
    {
        foreach (var ask in Asks.Where(ask => ask.Leaves && !ask.Answering.IsCompleted))
        {
            var calls = world.Upstreams.Of(ask.Question).Where(call => !call.IsOver).ToList();

            foreach (var call in calls)
                await HavePassedAsync(call);
            await ask.LeaveAsync();
            await ask.Answering;
            if (ask.IdempotencyKey is null)
                await TestWait.UntilAsync(() => calls.TrueForAll(call => call.IsOver));
        }
    }

    /// <summary>What was produced has passed the gateway, as far as anybody can see.</summary>
    private Task HavePassedAsync(PlayedCall call) => call is { Sent: > 0, Question.IsStream: true }
        ? TestWait.UntilAsync(() => call.IsOver || Asks.Exists(call.IsSeenBy) || Asks.TrueForAll(ask => ask.Question != call.Question || ask.Answering.IsCompleted))
        : Task.CompletedTask;

    private async Task HedgeAsync()
    {
        var waiting = Asks.Where(ask => !ask.Answering.IsCompleted && ask.Question.IsHedged)
            .Select(ask => ask.Question).Distinct()
            .Where(question => world.Upstreams.Of(question).Any(call => call is { Sent: 0, IsOver: false })).ToList();
        if (waiting.Count == 0)
            return;

        await TestWait.UntilAsync(() => world.Clock.HasTimerIn(CallSettings.HedgeAfter));
        world.Clock.Advance(CallSettings.HedgeAfter);

        // Where an upstream is left alone there is no second call, and nothing tells that there will be none.
        var began = TimeProvider.System.GetTimestamp();
        while (!waiting.TrueForAll(question => world.Upstreams.Of(question).Count > 1) && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMilliseconds(100))
            await Task.Yield();
    }

    private async Task LoseSilentOnesAsync()
    {
        while (true)
        {
            await TestWait.UntilAsync(() => world.InFlight == 0 || world.InFlight == Asks.Count(WaitsForSilence));
            if (world.InFlight == 0)
            {
                await TestWait.UntilAsync(() => Asks.TrueForAll(ask => ask.Answering.IsCompleted));
                return;
            }

            var silent = Calls.Where(call => call.IsSilent).ToList();
            foreach (var call in silent)
                await HavePassedAsync(call);
            world.Clock.Advance(CallSettings.Silence);
            await TestWait.UntilAsync(() => silent.TrueForAll(call => call.IsOver));
        }
    }

    /// <summary>
    /// Whether nothing goes on for a caller, here or on a connection that he has left, but waiting for an upstream that says nothing. Once another has answered, its silence ends
    /// by itself, unless it is the one that he hears: of two calls the other may have said all before it was told that it had lost.
    /// </summary>
    private bool WaitsForSilence(Ask ask) =>
        IsUnderWay(ask)
        && world.Upstreams.Of(ask.Question).Where(call => !call.IsOver).ToList() is { Count: > 0 } calls
        && calls.TrueForAll(call => call.IsSilent)
        && (calls.Exists(call => call.IsSeenBy(ask)) || !Calls.Exists(call => call.Question.Number == ask.Question.Number && call.End is CallEnd.Whole or CallEnd.Broken));
}
