using System.Globalization;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Bench.Accuracy;

/// <summary>What callers do: ask, have an upstream answer, settle, renew, take back, leave and die. Those of one call to this act at the same time.</summary>
/// <param name="world">The world.</param>
/// <param name="size">How many there are.</param>
/// <param name="random">What everything is drawn from.</param>
/// <param name="clock">The clock.</param>
/// <param name="checks">Told of everything.</param>
/// <param name="report">Counts.</param>
internal sealed class AccuracyCallers(
    AccuracyWorld world, AccuracySize size, Random random, FakeClock clock, AccuracyChecks checks, AccuracyReport report)
{
    /// <summary>The step from which on a fault that chance has spared the run is made.</summary>
    private const int FaultsFrom = 30;

    /// <summary>Draws that have a caller die while it settles.</summary>
    private const int FirstDeath = 66;
    private const int LastDeath = 70;

    /// <summary>A charge at the estimate is final after a day; no call lasts as long.</summary>
    private static readonly TimeSpan LongestCall = TimeSpan.FromHours(12);

    /// <summary>What a slow machine may take for what would be over in milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    /// <summary>Longer than calls are under way that will be answered at this moment of the clock.</summary>
    private static readonly TimeSpan LostCall = TimeSpan.FromSeconds(6);

    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private int _operations;

    /// <summary>The host as it lives now.</summary>
    public AccuracyHost Host { get; set; } = null!;

    /// <summary>The step of the run.</summary>
    public int Step { get; set; }

    /// <summary>The keys as they are now.</summary>
    public List<ApiKey> Keys { get; } = [.. world.Keys];

    /// <summary>Calls that were admitted and have not ended.</summary>
    public List<Call> Open { get; } = [];

    private long Now => clock.GetTimestamp();

    /// <summary>
    /// Acts for all at the same time. A call that a silo's death or a slow machine has kept may arrive when its caller has long gone on, and leave a tentative
    /// admission to nobody. Whoever waits for what becomes of it waits until it has run out, so the clock goes on for callers that live on.
    /// </summary>
    /// <typeparam name="T">What is acted for.</typeparam>
    /// <param name="all">All.</param>
    /// <param name="act">The act.</param>
    /// <returns>A task.</returns>
    public async Task TogetherAsync<T>(IEnumerable<T> all, Func<T, Task> act)
    {
        var acting = Task.WhenAll(all.Select(one => Task.Run(() => act(one)))).WaitAsync(Patience);
        while (!Host.GatewaysDie && await Task.WhenAny(acting, Task.Delay(LostCall)) != acting)
            clock.Advance(RateLimitRequest.TentativeLease);

        await acting;
    }

    /// <summary>Draws calls.</summary>
    /// <param name="most">How many there are at most.</param>
    /// <returns>The calls, at least one.</returns>
    public List<Call> DrawMany(int most) => [.. Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => Draw())];

    /// <summary>Draws a call.</summary>
    /// <param name="like">The call whose request it repeats as another operation; null for one of its own.</param>
    /// <param name="hangUp">When its caller leaves; null for one who stays.</param>
    /// <param name="maxWait">How long it may wait for its key's limits; null not to.</param>
    /// <returns>The call.</returns>
    public Call Draw(Call? like = null, TimeSpan? hangUp = null, TimeSpan? maxWait = null)
    {
        var key = Keys[random.Next(Keys.Count)];
        if (maxWait is not null)
            key = key with { Limits = key.Limits with { MaxWait = maxWait } };

        var session = random.Next(5) == 0 ? random.Next(world.Sessions.Count) : -1;
        var request = new AdmissionRequest
        {
            OperationId = _operations++.ToString(CultureInfo.InvariantCulture),
            Key = key,
            Model = random.Next(3) == 0 ? AccuracyWorld.PairModel : AccuracyWorld.SoloModel,
            SessionId = session < 0 ? null : $"s{session}",
            SessionBudget = session < 0 ? null : world.Sessions[session],
            InputTokens = random.Next(40) == 0 ? 0 : random.Next(1, 4_000),
            OutputTokens = random.Next(1, 4_000),
        };
        if (like is not null)
            request = like.Request with { OperationId = request.OperationId };

        return new Call(request, random.Next(size.Gateways), Now)
        {
            KillsBefore = report.Kills,
            Step = Step,
            HangUp = hangUp is { } after ? new CancellationTokenSource(after, clock) : null,
        };
    }

    /// <summary>Asks for admission.</summary>
    /// <param name="call">The call.</param>
    /// <returns>A task.</returns>
    public Task AskAsync(Call call) => AskAsync(call, Host.Gateways);

    /// <summary>Asks for admission at gateways that may be dead.</summary>
    /// <param name="call">The call.</param>
    /// <param name="gateways">The gateways.</param>
    /// <returns>A task.</returns>
    public async Task AskAsync(Call call, IReadOnlyList<AccuracyHost.Gateway> gateways)
    {
        AdmissionDecision? decision = null;
        var hungUp = false;
        try
        {
            decision = await gateways[call.Gateway].Admission.AdmitAsync(call.Request, call.HangUp?.Token ?? default);
        }
        catch (CallerDiedException)
        {
        }
        catch (OperationCanceledException) when (call.HangUp is not null)
        {
            hungUp = true;
        }

        lock (call)
        {
            if (call.State == CallState.Asking)
                checks.Answered(call, decision, hungUp, Now);
        }
    }

    /// <summary>Asks alone.</summary>
    /// <param name="like">Whose request it repeats.</param>
    /// <returns>The call.</returns>
    public async Task<Call> AskAloneAsync(Call like)
    {
        var call = Draw(like);
        await TogetherAsync([call], AskAsync);
        Open.AddRange(call.State == CallState.Open ? [call] : []);
        return call;
    }

    /// <summary>Upstreams break and recover, and answer those that were admitted.</summary>
    /// <param name="asked">The calls.</param>
    /// <returns>A task.</returns>
    public async Task RouteAsync(IEnumerable<Call> asked)
    {
        // Where chance has spared the upstreams for long, all of them fail, so that a short run has their faults too.
        var isDue = Step >= FaultsFrom && report.UpstreamFaults == 0;
        foreach (var upstream in world.Settings.Upstreams.Select(upstream => upstream.Id))
        {
            if (random.Next(20) == 0 || isDue)
                _broken.Add(upstream);
            else if (random.Next(4) == 0)
                _broken.Remove(upstream);
        }

        var granted = asked.Where(call => call.State == CallState.Open).ToList();
        Open.AddRange(granted);
        await TogetherAsync(granted, RouteAsync);
    }

    /// <summary>Some callers end what they began.</summary>
    /// <returns>A task.</returns>
    public async Task FinishAsync()
    {
        var isDue = Step >= FaultsFrom && report.HalfSettled == 0;
        var ending = Open.Where(call => Now - call.Asked > LongestCall.Ticks || random.Next(100) < 60)
            .Select(call => (Call: call, Draw: isDue ? FirstDeath : random.Next(100), Dies: random.Next(1, 8))).ToList();
        await TogetherAsync(ending, one => FinishAsync(one.Call, one.Draw, one.Dies));
        Open.RemoveAll(call => call.State != CallState.Open);
    }

    /// <summary>Settles, as often as the caller does who has not heard an answer.</summary>
    /// <param name="call">The call.</param>
    /// <param name="usage">What its upstream reported.</param>
    /// <param name="times">How often, at the same time.</param>
    /// <returns>A task.</returns>
    public async Task SettleAsync(Call call, TokenUsage usage, int times)
    {
        call.Bill = AccuracyPrice.Bill(usage);
        var died = false;
        try
        {
            var admission = Host.Gateways[call.Gateway].Admission;
            await Task.WhenAll(Enumerable.Range(0, times).Select(_ => admission.SettleAsync(call.Grant!, usage, call.Target!.Value, default).AsTask()));
        }
        catch (CallerDiedException)
        {
            died = true;
        }

        checks.Settled(call, usage, died, Now);
    }

    /// <summary>What its upstream reports.</summary>
    /// <param name="call">The call.</param>
    /// <returns>The usage.</returns>
    public TokenUsage UsageOf(Call call) => UpstreamReport.Draw(report.Seed, call.Request);

    private async Task FinishAsync(Call call, int draw, int dies)
    {
        var admission = Host.Gateways[call.Gateway].Admission;
        switch (draw)
        {
            case var _ when Now - call.Asked > LongestCall.Ticks || (call.Target is null && Now >= call.LeaseFrom):
            case >= 92:
                // Its caller is gone; what its upstream bills is never told.
                call.State = CallState.Abandoned;
                Interlocked.Increment(ref report.Abandoned);
                break;
            case var _ when call.Target is null:
                await admission.ReleaseAsync(call.Grant!, default);
                checks.Released(call, Now);
                break;
            case < FirstDeath:
                await SettleAsync(call, UsageOf(call), times: draw < 6 ? 2 : 1);
                break;
            case <= LastDeath:
                Host.Deaths.Doom(call.Request.OperationId, dies);
                await SettleAsync(call, UsageOf(call), times: 1);
                break;
            default:
                await admission.RenewAsync(call.Grant!, default);
                checks.Renewed(call, Now);
                break;
        }
    }

    private async Task RouteAsync(Call call)
    {
        var gateway = Host.Gateways[call.Gateway];
        var request = new RouteRequest(gateway.Catalog.Find(call.Request.Model), call.Request.OperationId, call.Tokens);
        try
        {
            call.Target = (await gateway.Router.OpenAsync(request, OpenAsync, default)).Target;
        }
        catch (OrleansChatException)
        {
            // No upstream answered: it is taken back in a later step.
        }

        async ValueTask<bool> OpenAsync(RouteAttempt attempt, CancellationToken cancellationToken)
        {
            await Task.Yield();
            var upstream = attempt.Target.Upstream;
            var isBroken = _broken.Contains(upstream);
            checks.Opened(upstream, call, isBroken, Now);
            return isBroken ? throw new UpstreamException(upstream, UpstreamFailure.ServerError, "it answers 500.") : true;
        }
    }
}
