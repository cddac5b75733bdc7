using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Admission;

/// <summary>
/// One pass through the scopes of a plan. As long as a later scope may refuse, admissions are tentative; when all have admitted, they are
/// confirmed. All requests ask their scopes in the same order, so that those that wait for each other's outcome never wait in a circle.
/// </summary>
/// <param name="plan">The scopes.</param>
/// <param name="request">The request.</param>
/// <param name="tokens">An upper bound of its tokens.</param>
/// <param name="reserve">An upper bound of its cost, in nano-dollars.</param>
/// <param name="time">The source of time.</param>
internal sealed class AdmissionRound(AdmissionPlan plan, AdmissionRequest request, long tokens, long reserve, TimeProvider time)
{
    private static readonly Task<bool> Stands = Task.FromResult(true);

    private readonly List<Held<LimitAsk>> _limits = new(4);
    private readonly List<Held<CostAsk>> _costs = new(4);

    /// <summary>The upstream whose limits admitted the request; null for none.</summary>
    public string? Upstream { get; private set; }

    /// <summary>What is left of the key's own limits.</summary>
    public RateLimitStatus? KeyStatus { get; private set; }

    /// <summary>Asks every scope.</summary>
    /// <param name="cancellationToken">Ends the wait; what was granted is taken back.</param>
    /// <returns>Null when all admitted; otherwise the refusal, with nothing held.</returns>
    public async ValueTask<Problem?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var refusal = await AskLimitsAsync(cancellationToken)
                ?? await AskUpstreamsAsync(cancellationToken)
                ?? await AskCostsAsync(cancellationToken)
                ?? await ConfirmAsync(cancellationToken);
            if (refusal is not null)
                await TakeBackAsync();

            return refusal;
        }
        catch
        {
            await TakeBackAsync();
            throw;
        }
    }

    private async ValueTask<Problem?> AskLimitsAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < plan.Limits.Count; i++)
        {
            var ask = plan.Limits[i];
            var laterMayRefuse = i + 1 < plan.Limits.Count || UpstreamMayRefuse || CostMayRefuse;
            var decision = await AcquireAsync(ask, laterMayRefuse, cancellationToken);
            if (decision.Admitted)
                continue;

            // Nothing may be held while other scopes are asked only when to come back.
            await TakeBackAsync();
            return await JointRefusalAsync(new Refusal(ask.Scope.Name, decision.Limit!, decision.RetryAfter), i + 1, cancellationToken);
        }

        return null;
    }

    private bool UpstreamMayRefuse => plan.Upstreams.Count > 0 && !plan.UpstreamIsFree;

    private bool CostMayRefuse => plan.Costs.Exists(ask => ask.MayRefuse);

    private async ValueTask<Problem?> AskUpstreamsAsync(CancellationToken cancellationToken)
    {
        Refusal? soonest = null;
        foreach (var ask in plan.Upstreams)
        {
            var decision = await AcquireAsync(ask, CostMayRefuse, cancellationToken);
            if (decision.Admitted)
            {
                Upstream = ask.Upstream;
                return null;
            }

            soonest = Refusal.Sooner(soonest, new Refusal(ask.Scope.Name, decision.Limit!, decision.RetryAfter));
        }

        return plan.UpstreamIsFree || soonest is null ? null : soonest.ToProblem();
    }

    private async ValueTask<Problem?> AskCostsAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < plan.Costs.Count; i++)
        {
            var ask = plan.Costs[i];
            var tentative = i + 1 < plan.Costs.Count && plan.Costs[i + 1].MayRefuse;
            var decision = await ReserveAsync(ask, tentative, cancellationToken);
            if (!decision.Reserved)
                return BudgetProblem(ask, decision.Refusal!);
        }

        return null;
    }

    private async ValueTask<Problem?> ConfirmAsync(CancellationToken cancellationToken)
    {
        // All at once, then awaited: on a cluster they cost one round trip together.
        foreach (var held in _limits)
        {
            if (held.Tentative)
                held.Confirming = held.Ask.Scope.Actor.ConfirmAsync(request.OperationId, cancellationToken).AsTask();
        }

        foreach (var held in _costs)
        {
            if (held.Tentative)
                held.Confirming = held.Ask.Scope.Actor.ConfirmAsync(request.OperationId, cancellationToken).AsTask();
        }

        var lapsedLimits = await LapsedAsync(_limits);
        var lapsedCosts = await LapsedAsync(_costs);
        foreach (var ask in lapsedLimits)
        {
            var decision = await AcquireAsync(ask, tentative: false, cancellationToken);
            if (!decision.Admitted)
                return new Refusal(ask.Scope.Name, decision.Limit!, decision.RetryAfter).ToProblem();
        }

        foreach (var ask in lapsedCosts)
        {
            var decision = await ReserveAsync(ask, tentative: false, cancellationToken);
            if (!decision.Reserved)
                return BudgetProblem(ask, decision.Refusal!);
        }

        return null;
    }

    private async ValueTask<RateLimitDecision> AcquireAsync(LimitAsk ask, bool tentative, CancellationToken cancellationToken)
    {
        var isKey = ask.Upstream is null && ReferenceEquals(ask.Limits, request.Key.Limits);

        // Held from here on: should the call fail, its outcome is unknown.
        var held = new Held<LimitAsk>(ask, tentative);
        _limits.Add(held);
        var decision = await ask.Scope.Actor.AcquireAsync(Asked(ask, tentative, isKey), cancellationToken);
        if (!decision.Admitted)
            _limits.Remove(held);

        if (isKey)
            KeyStatus = decision.Status;

        return decision;
    }

    private async ValueTask<CostDecision> ReserveAsync(CostAsk ask, bool tentative, CancellationToken cancellationToken)
    {
        var held = new Held<CostAsk>(ask, tentative);
        _costs.Add(held);
        var decision = await ask.Scope.Actor.ReserveAsync(
            new CostReservationRequest
            {
                OperationId = request.OperationId,
                Budget = ask.Budget,
                NanoUsd = reserve,
                Tokens = tokens,
                Tentative = tentative,
                Subject = new LedgerSubject(request.Key.Id, request.Key.Team, request.SessionId, request.Model, null),
            },
            cancellationToken);
        if (!decision.Reserved)
            _costs.Remove(held);

        return decision;
    }

    private RateLimitRequest Asked(LimitAsk ask, bool tentative, bool describe) => new()
    {
        OperationId = request.OperationId,
        Limits = ask.Limits,
        Tokens = tokens,
        Tentative = tentative,
        Describe = describe,
    };

    /// <summary>The refusal that lasts longest among the first that refused and the scopes not asked yet: then all let the request pass.</summary>
    private async ValueTask<Problem> JointRefusalAsync(Refusal refusal, int next, CancellationToken cancellationToken)
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
                return refusal.ToProblem();

            soonest = Refusal.Sooner(soonest, other);
        }

        return (soonest is null || plan.UpstreamIsFree ? refusal : Refusal.Later(refusal, soonest)).ToProblem();
    }

    private async ValueTask<Refusal?> PeekAsync(LimitAsk ask, CancellationToken cancellationToken)
    {
        var decision = await ask.Scope.Actor.PeekAsync(Asked(ask, tentative: false, describe: false), cancellationToken);
        return decision.Admitted ? null : new Refusal(ask.Scope.Name, decision.Limit!, decision.RetryAfter);
    }

    private Problem BudgetProblem(CostAsk ask, BudgetStatus status)
    {
        var window = status.WindowEnd is { } end ? $"until its window ends at {end:u}" : "for ever";
        return Problem.Of(
            ProblemCode.BudgetExceeded,
            $"The budget of scope '{ask.Scope.Name}' cannot carry this request {window}: it may cost {NanoUsd.ToUsd(reserve):0.#########} USD and "
            + $"{NanoUsd.ToUsd(status.RemainingNanoUsd ?? 0):0.#########} USD of {NanoUsd.ToUsd(status.LimitNanoUsd ?? 0):0.#########} USD are left.",
            "Ask for fewer output tokens, or for a cheaper model.",
            "Ask the operator to raise the budget.") with
        {
            Subject = $"{ask.Scope.Name} budget",
            RetryAfterSeconds = (status.RetryAt - time.GetUtcNow())?.TotalSeconds,
        };
    }

    /// <summary>Takes everything back. A scope that cannot be reached lets a tentative admission run out by itself.</summary>
    private async ValueTask TakeBackAsync()
    {
        foreach (var held in _limits)
            await QuietlyAsync(held.Ask.Scope.Actor.ReleaseAsync(request.OperationId, CancellationToken.None));

        foreach (var held in _costs)
            await QuietlyAsync(held.Ask.Scope.Actor.ReleaseAsync(request.OperationId, CancellationToken.None));

        _limits.Clear();
        _costs.Clear();
        Upstream = null;
    }

    private static async ValueTask QuietlyAsync(ValueTask release)
    {
        try
        {
            await release;
        }
        catch (OrleansChatException)
        {
            // The failure that matters is the one that led here.
        }
    }

    private static async ValueTask<List<T>> LapsedAsync<T>(List<Held<T>> all)
    {
        List<T> lapsed = [];
        foreach (var held in all)
        {
            if (held.Tentative && !await held.Confirming)
                lapsed.Add(held.Ask);
        }

        return lapsed;
    }

    private sealed class Held<T>(T ask, bool tentative)
    {
        public T Ask { get; } = ask;

        public bool Tentative { get; } = tentative;

        public Task<bool> Confirming { get; set; } = Stands;
    }
}
