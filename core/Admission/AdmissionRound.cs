using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Admission;

/// <summary>
/// One pass through the scopes of a plan. Where more than one can refuse, admissions are tentative; when all have admitted, they are
/// confirmed. All requests ask their scopes in the same order, so that those that wait for each other's outcome never wait in a circle.
/// </summary>
/// <param name="plan">The scopes.</param>
/// <param name="request">The request.</param>
/// <param name="tokens">An upper bound of its tokens.</param>
/// <param name="reserve">An upper bound of its cost, in nano-dollars.</param>
/// <param name="time">The source of time.</param>
internal sealed class AdmissionRound(AdmissionPlan plan, AdmissionRequest request, long tokens, long reserve, TimeProvider time)
{
    /// <summary>How long after its first admission a round is sure that none has vanished, nor will until its confirmation arrives.</summary>
    private static readonly TimeSpan SureToStand = RateLimitRequest.TentativeLease / 2;

    /// <summary>How often busy actors are waited for, before their scopes are asked one after the other.</summary>
    private const int MostWaits = 4;

    private readonly bool _tentative = plan.IsTentative;
    private readonly List<LimitScope> _limits = [];
    private readonly List<CostScope> _costs = [];

    /// <summary>The upstream whose limits admitted the request; null for none.</summary>
    public string? Upstream { get; private set; }

    /// <summary>What is left of the key's own limits.</summary>
    public RateLimitStatus? KeyStatus { get; private set; }

    private LedgerSubject Subject => field ??= new LedgerSubject(request.Key.Id, request.Key.Team, request.SessionId, request.Model, null);

    /// <summary>Asks every scope, and confirms when all have admitted.</summary>
    /// <param name="cancellationToken">Ends the wait; what was granted is taken back.</param>
    /// <returns>Null when all admitted; otherwise the refusal, with nothing held.</returns>
    public async ValueTask<RoundRefusal?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A place that was waited for is held tentatively, and only the whole way makes it final.
            if (_limits.Count == 0 && await AdmitsTogetherAsync(cancellationToken))
                return null;

            for (; ; )
            {
                var began = time.GetTimestamp();
                var refusal = await AskLimitsAsync(cancellationToken)
                    ?? await AskUpstreamsAsync(cancellationToken)
                    ?? await AskCostsAsync(cancellationToken);
                if (refusal is not null)
                {
                    await TakeBackAsync();
                    return refusal;
                }

                if (!_tentative || (time.GetElapsedTime(began) < SureToStand && await ConfirmAsync()))
                    return null;

                // One may have vanished, and another request be in its place: nothing is final before all have admitted at one time.
                await TakeBackAsync();
            }
        }
        catch
        {
            await TakeBackAsync();
            throw;
        }
    }

    /// <summary>Waits in the line of a limit that refused, as long as that allows. A place that is won there is held for the next pass.</summary>
    /// <param name="ask">The limits.</param>
    /// <param name="patience">How long.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is held then.</param>
    /// <returns>A task.</returns>
    public async ValueTask WaitAsync(LimitAsk ask, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        _limits.Add(ask.Scope);
        try
        {
            RateLimitDecision decision;
            do
            {
                var left = patience - time.GetElapsedTime(began);
                decision = await ask.Scope.Actor.WaitAsync(
                    Asked(ask, describe: false), left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
            }
            while (decision.Waiting);
        }
        catch
        {
            await TakeBackAsync();
            throw;
        }
    }

    /// <summary>
    /// Asks all at one moment. An actor that is busy is waited for and all are asked again: that is one call, where asking one after the other is two of each, and
    /// keeps busy what others wait for.
    /// </summary>
    private async ValueTask<bool> AdmitsTogetherAsync(CancellationToken cancellationToken)
    {
        var joint = new JointAdmission(plan, request, tokens, reserve, Subject);
        for (var waits = 0; !joint.TryRun(out var waitForTurn); waits++)
        {
            if (waitForTurn is null || waits == MostWaits)
                return false;

            await waitForTurn(cancellationToken);
        }

        (Upstream, KeyStatus) = (joint.Upstream, joint.KeyStatus);
        return true;
    }

    private async ValueTask<RoundRefusal?> AskLimitsAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < plan.Limits.Count; i++)
        {
            var ask = plan.Limits[i];
            var decision = await AcquireAsync(ask, cancellationToken);
            if (decision.Admitted)
                continue;

            // Nothing may be held while other scopes are asked only when to come back.
            await TakeBackAsync();
            return RoundRefusal.Of(await JointRefusalAsync(Refusal.Of(ask, decision), i + 1, cancellationToken));
        }

        return null;
    }

    private async ValueTask<RoundRefusal?> AskUpstreamsAsync(CancellationToken cancellationToken)
    {
        Refusal? soonest = null;
        foreach (var ask in plan.Upstreams)
        {
            var decision = await AcquireAsync(ask, cancellationToken);
            if (decision.Admitted)
            {
                Upstream = ask.Upstream;
                return null;
            }

            soonest = Refusal.Sooner(soonest, Refusal.Of(ask, decision));
        }

        return plan.UpstreamIsFree || soonest is null ? null : RoundRefusal.Of(soonest);
    }

    private async ValueTask<RoundRefusal?> AskCostsAsync(CancellationToken cancellationToken)
    {
        foreach (var ask in plan.Costs)
        {
            // Once the only scope that can refuse has admitted, what is left is to write it down.
            var decision = await ReserveAsync(ask, _tentative || ask.MayRefuse ? cancellationToken : CancellationToken.None);
            if (!decision.Reserved)
                return new RoundRefusal(BudgetProblem(ask, decision.Refusal!), null);
        }

        return null;
    }

    /// <summary>
    /// Makes all final, whether the caller still waits or not: what was final for a moment has refused others, and is not taken back.
    /// </summary>
    /// <returns>Whether all still stood.</returns>
    private async ValueTask<bool> ConfirmAsync()
    {
        // All at once, then awaited: on a cluster they cost one round trip together.
        var answers = new PendingAnswers();
        foreach (var scope in _limits)
            answers.Add(scope.Actor.ConfirmAsync(request.OperationId, CancellationToken.None));

        foreach (var scope in _costs)
            answers.Add(scope.Actor.ConfirmAsync(request.OperationId, CancellationToken.None));

        return await answers.AllAsync();
    }

    private async ValueTask<RateLimitDecision> AcquireAsync(LimitAsk ask, CancellationToken cancellationToken)
    {
        var isKey = ask.IsOf(request.Key);

        // Held from here on: should the call fail, its outcome is unknown.
        if (!_limits.Contains(ask.Scope))
            _limits.Add(ask.Scope);

        var decision = await ask.Scope.Actor.AcquireAsync(Asked(ask, isKey), cancellationToken);
        if (!decision.Admitted)
            _limits.Remove(ask.Scope);

        if (isKey)
            KeyStatus = decision.Status;

        return decision;
    }

    private async ValueTask<CostDecision> ReserveAsync(CostAsk ask, CancellationToken cancellationToken)
    {
        _costs.Add(ask.Scope);
        var decision = await ask.Scope.Actor.ReserveAsync(
            new CostReservationRequest
            {
                OperationId = request.OperationId,
                Budget = ask.Budget,
                NanoUsd = reserve,
                Tokens = tokens,
                Tentative = _tentative,
                Subject = Subject,
            },
            cancellationToken);
        if (!decision.Reserved)
            _costs.Remove(ask.Scope);

        return decision;
    }

    private RateLimitRequest Asked(LimitAsk ask, bool describe) => new()
    {
        OperationId = request.OperationId,
        Limits = ask.Limits,
        Tokens = tokens,
        Tentative = _tentative,
        Describe = describe,
    };

    /// <summary>The refusal that lasts longest among the first that refused and the scopes not asked yet: then all let the request pass.</summary>
    private async ValueTask<Refusal> JointRefusalAsync(Refusal refusal, int next, CancellationToken cancellationToken)
    {
        foreach (var ask in plan.Limits.Skip(next))
        {
            if (await PeekAsync(ask, cancellationToken) is { } other)
                refusal = Refusal.Later(refusal, other);
        }

        Refusal? soonest = null;
        foreach (var ask in plan.Upstreams)
        {
            if (await PeekAsync(ask, cancellationToken) is not { } other)
                return refusal;

            soonest = Refusal.Sooner(soonest, other);
        }

        return soonest is null || plan.UpstreamIsFree ? refusal : Refusal.Later(refusal, soonest);
    }

    private async ValueTask<Refusal?> PeekAsync(LimitAsk ask, CancellationToken cancellationToken)
    {
        var decision = await ask.Scope.Actor.PeekAsync(Asked(ask, describe: false), cancellationToken);
        return decision.Admitted ? null : Refusal.Of(ask, decision);
    }

    private Problem BudgetProblem(CostAsk ask, BudgetStatus status)
    {
        var window = status.WindowEnd is { } end ? $"until its window ends at {end:u}" : "for ever";
        return Problem.Of(
            ProblemCode.BudgetExceeded,
            $"The budget of scope '{ask.Scope.Name}' cannot carry this request {window}: it may cost {NanoUsd.ToUsd(reserve):0.#########} USD and "
            + $"{NanoUsd.ToUsd(status.RemainingNanoUsd ?? 0):0.#########} USD of {NanoUsd.ToUsd(status.LimitNanoUsd ?? 0):0.#########} USD are left.",
            request.OutputTokens > 0 ? "Ask for fewer output tokens, or for a cheaper model." : "Send less text at a time, or ask for a cheaper model.",
            "Ask the operator to raise the budget.") with
        {
            Subject = $"{ask.Scope.Name} budget",
            RetryAfterSeconds = (status.RetryAt - time.GetUtcNow())?.TotalSeconds,
        };
    }

    /// <summary>Takes everything back. A scope that cannot be reached lets a tentative admission run out by itself.</summary>
    private async ValueTask TakeBackAsync()
    {
        var calls = new PendingCalls();
        foreach (var scope in _limits)
            calls.AddQuietly(scope.Actor.ReleaseAsync(request.OperationId, CancellationToken.None));

        foreach (var scope in _costs)
            calls.AddQuietly(scope.Actor.ReleaseAsync(request.OperationId, CancellationToken.None));

        _limits.Clear();
        _costs.Clear();
        Upstream = null;
        await calls.WhenAllAsync();
    }
}

/// <summary>Why a round ended without an admission.</summary>
/// <param name="Problem">What the client is told.</param>
/// <param name="Limit">The limit that refused; null where a budget did.</param>
internal sealed record RoundRefusal(Problem Problem, Refusal? Limit)
{
    /// <summary>The refusal of a limit.</summary>
    /// <param name="limit">The limit.</param>
    /// <returns>The refusal.</returns>
    public static RoundRefusal Of(Refusal limit) => new(limit.ToProblem(), limit);
}
