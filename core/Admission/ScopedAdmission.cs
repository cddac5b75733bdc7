using OrleansChat.Core.Actors;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.InputRatios;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Admission;

/// <summary>Admits by asking the actors of all scopes.</summary>
/// <param name="actors">The actors.</param>
/// <param name="catalog">The models.</param>
/// <param name="rules">The limits and budgets of teams, upstreams and the organisation.</param>
/// <param name="breakers">What is known of the upstreams.</param>
/// <param name="time">The source of time.</param>
/// <param name="estimates">How many tokens bytes make; without it, one each.</param>
public sealed class ScopedAdmission(
    IActorDirectory actors, IModelCatalog catalog, ScopeRules rules, BreakerWatch breakers, TimeProvider time, InputEstimates? estimates = null) : IAdmission
{
    /// <summary>What was used must be booked, so a store that fails for a moment is asked again.</summary>
    private const int SettlementTries = 3;

    private static readonly RateLimitStatus Unlimited = new();

    private readonly ScopeActors _scopes = new(actors);

    /// <inheritdoc/>
    public bool HearsAtOnce => _scopes.AreLocal;

    /// <inheritdoc/>
    public async ValueTask<AdmissionDecision> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request.InputTokens, "inputTokens");
        Check(request.OutputTokens, "outputTokens");

        var askedAt = time.GetTimestamp();
        var model = request.Target is { } target ? catalog.OfTarget(target) : catalog.FindFor(request.Model, request.Key);
        var input = InputOf(request);
        var reserve = Math.Min(model.Price.MostOf(input, request.OutputTokens), NanoUsd.Most);
        var plan = AdmissionPlan.Of(request, model, reserve, rules, _scopes, breakers);
        var tokens = Math.Min(input + request.OutputTokens, RateLimitRequest.MostTokens);
        var round = new AdmissionRound(plan, request, tokens, reserve, time);
        var patience = new AdmissionPatience(round, time, request.Work);
        if (await patience.RunAsync(cancellationToken) is not { } refusal)
        {
            return new AdmissionDecision
            {
                Grant = new AdmissionGrant(request, reserve) { Upstream = round.Upstream, Price = model.Price, Plan = plan, AskedAt = askedAt },
                KeyStatus = round.KeyStatus ?? Unlimited,
                Waited = patience.Waited,
            };
        }

        return new AdmissionDecision
        {
            Refusal = refusal.Problem,
            Waited = patience.Waited,
            KeyStatus = request.Key.Limits.IsEmpty
                ? Unlimited
                : await _scopes.Key(request.Key.Id).Actor.DescribeAsync(request.Key.Limits, cancellationToken),
        };
    }

    /// <inheritdoc/>
    public async ValueTask<long> SettleAsync(
        AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var counted = Sound(usage);
        var cost = CostOf(grant.Price, counted);
        try
        {
            await SettleOnceAsync(grant, counted, cost, target, cancellationToken);
        }
        catch (StorageException)
        {
            await SettleAgainAsync(grant, counted, cost, target, cancellationToken);
        }

        Learn(grant.Request, counted);
        return cost;
    }

    /// <inheritdoc/>
    public async ValueTask ChargeLostAsync(AdmissionGrant lost, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lost);
        var request = lost.Request;
        var subject = new LedgerSubject(request.Key.Id, request.Key.Team, request.SessionId, request.Model, null);
        var most = Sound(new TokenUsage(request.InputTokens, request.OutputTokens, Estimated: true));
        var charge = new CostSettlement(request.OperationId, subject, most, lost.ReservedNanoUsd)
        {
            ReservedNanoUsd = lost.ReservedNanoUsd,
            LostSince = since,
        };
        try
        {
            await SettleCostsAsync(lost, charge, new PendingCalls(), cancellationToken);
        }
        catch (StorageException)
        {
            await RepeatAsync(() => SettleCostsAsync(lost, charge, new PendingCalls(), cancellationToken), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(AdmissionGrant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var request = grant.Request;
        var calls = new PendingCalls();
        foreach (var ask in LimitsOf(grant))
            calls.Add(ask.Scope.SettleAsync(request.OperationId, 0, cancellationToken));

        if (grant.Upstream is { } upstream)
            calls.Add(_scopes.Upstream(upstream).SettleAsync(request.OperationId, 0, cancellationToken));

        foreach (var ask in CostsOf(grant))
            calls.Add(ask.Scope.ReleaseAsync(request.OperationId, cancellationToken));

        await calls.WhenAllAsync();
    }

    /// <inheritdoc/>
    public async ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var request = grant.Request;
        var calls = new PendingCalls();
        foreach (var ask in LimitsOf(grant))
            calls.Add(ask.Scope.Actor.RenewAsync(request.OperationId, RateLimitRequest.DefaultLease, cancellationToken));

        foreach (var upstream in UpstreamsOf(grant))
            calls.Add(_scopes.Upstream(upstream).Actor.RenewAsync(request.OperationId, RateLimitRequest.DefaultLease, cancellationToken));

        foreach (var ask in CostsOf(grant))
            calls.Add(ask.Scope.Actor.RenewAsync(request.OperationId, RateLimitRequest.DefaultLease, cancellationToken));

        await calls.WhenAllAsync();
    }

    private Task SettleOnceAsync(
        AdmissionGrant grant, TokenUsage counted, long cost, UpstreamTarget target, CancellationToken cancellationToken)
    {
        var request = grant.Request;
        var calls = new PendingCalls();
        foreach (var ask in LimitsOf(grant))
            calls.Add(ask.Scope.SettleAsync(request.OperationId, counted.TotalTokens, cancellationToken));

        if (request.SavedNanoUsd is null && MayBeCountedBy(target.Upstream, grant))
            calls.Add(_scopes.Upstream(target.Upstream).SettleAsync(request.OperationId, counted.TotalTokens, cancellationToken));

        if (grant.Upstream is { } admittedBy && admittedBy != target.Upstream)
            calls.Add(_scopes.Upstream(admittedBy).SettleAsync(request.OperationId, 0, cancellationToken));

        var subject = new LedgerSubject(request.Key.Id, request.Key.Team, request.SessionId, request.Model, request.SavedNanoUsd is null ? target.Upstream : null);
        var settlement = new CostSettlement(request.OperationId, subject, counted, cost)
        {
            SavedNanoUsd = request.SavedNanoUsd ?? 0,
            ReservedNanoUsd = grant.ReservedNanoUsd,
            Age = grant.AskedAt is { } askedAt ? time.GetElapsedTime(askedAt) : null,
            MayShareWrite = grant.MayShareWrites,
        };
        return SettleCostsAsync(grant, settlement, calls, cancellationToken);
    }

    private Task SettleCostsAsync(
        AdmissionGrant grant, CostSettlement settlement, PendingCalls calls, CancellationToken cancellationToken)
    {
        var request = grant.Request;
        foreach (var ask in CostsOf(grant))
            calls.Add(ask.Scope.SettleAsync(
                ask.Budget?.FreeTierOf(request.Model) is { } tier ? settlement with { FreeTier = tier } : settlement, cancellationToken));

        return calls.WhenAllAsync();
    }

    /// <summary>Asks a store that fails for a moment again. What took hold before the failure is recognised by the operation's id.</summary>
    private async ValueTask RepeatAsync(Func<Task> settle, CancellationToken cancellationToken)
    {
        for (var tries = 2; ; tries++)
        {
            await Task.Delay(TimeSpan.FromSeconds(StorageException.RetrySeconds), time, cancellationToken);
            try
            {
                await settle();
                return;
            }
            catch (StorageException) when (tries < SettlementTries)
            {
                // Once more.
            }
        }
    }

    private ValueTask SettleAgainAsync(AdmissionGrant grant, TokenUsage counted, long cost, UpstreamTarget target, CancellationToken cancellationToken) =>
        RepeatAsync(() => SettleOnceAsync(grant, counted, cost, target, cancellationToken), cancellationToken);

    /// <summary>The tokens to set aside for a request's input.</summary>
    private long InputOf(AdmissionRequest request)
    {
        var bytes = Math.Clamp(request.InputBytes, 0, request.InputTokens);
        return estimates is null || bytes == 0
            ? request.InputTokens
            : request.InputTokens - bytes + Math.Min(bytes, estimates.BoundOf(request.Model, bytes));
    }

    /// <summary>Learns from a settlement how many tokens bytes make, where it tells.</summary>
    private void Learn(AdmissionRequest request, TokenUsage usage)
    {
        if (request.InputBytes > 0 && request.InputBytes == request.InputTokens && request.SavedNanoUsd is null && !usage.Estimated && usage.InputTokens > 0)
            estimates?.Learn(request.Model, request.InputBytes, usage.InputTokens);
    }

    /// <summary>
    /// A usage as it can be booked: what an upstream cannot mean, such as a negative number, is taken as nothing, and a part as far as its whole goes.
    /// </summary>
    private static TokenUsage Sound(TokenUsage usage)
    {
        var input = Math.Clamp(usage.InputTokens, 0, RateLimitRequest.MostTokens);
        var output = Math.Clamp(usage.OutputTokens, 0, RateLimitRequest.MostTokens);
        var cached = Math.Clamp(usage.CachedInputTokens, 0, input);
        return usage with
        {
            InputTokens = input,
            OutputTokens = output,
            CachedInputTokens = cached,
            CacheWriteInputTokens = Math.Clamp(usage.CacheWriteInputTokens, 0, input - cached),
            ReasoningTokens = Math.Clamp(usage.ReasoningTokens, 0, output),
        };
    }

    private static long CostOf(Price price, TokenUsage usage) => Math.Min(price.CostOf(usage), NanoUsd.Most);

    private static void Check(long tokens, string field)
    {
        if (tokens is < 0 or > RateLimitRequest.MostTokens)
            throw RequestException.Invalid(field, $"{tokens} tokens: the number must lie between 0 and {RateLimitRequest.MostTokens}.");
    }

    // A call ends where it began: a scope that settings do not name any more would hold its place, and its money, for as long as a lease. A scope that they name
    // since hears of it too, so that a new budget counts what is spent from then on. Scopes of the beginning are found anew by their names: who admitted may be gone.
    private List<LimitAsk> LimitsOf(AdmissionGrant grant)
    {
        if (grant.Plan is { } plan && plan.Holds(rules))
            return plan.Limits;
        var today = AdmissionPlan.LimitsOf(grant.Request, ModelOf(grant.Request), rules, _scopes);
        return grant.Plan is { } began
            ? [.. today, .. began.Limits.ExceptBy(today.Select(NameOf), NameOf).Select(ask => ask with { Scope = _scopes.Limits(ask.Scope.Name) })]
            : today;

        static string NameOf(LimitAsk ask) => ask.Scope.Name;
    }

    private List<CostAsk> CostsOf(AdmissionGrant grant)
    {
        if (grant.Plan is { } plan && plan.Holds(rules))
            return plan.Costs;
        var today = AdmissionPlan.CostsOf(grant.Request, grant.ReservedNanoUsd, rules, _scopes);
        return grant.Plan is { } began
            ? [.. today, .. began.Costs.ExceptBy(today.Select(NameOf), NameOf).Select(ask => ask with { Scope = _scopes.Costs(ask.Scope.Name) })]
            : today;

        static string NameOf(CostAsk ask) => ask.Scope.Name;
    }

    // The route may have led to another upstream than the one that admitted, by limits that are gone since. One that does not count the call is told for nothing.
    private bool MayBeCountedBy(string upstream, AdmissionGrant grant) =>
        !rules.UpstreamLimits(upstream).IsEmpty || grant.Plan is { } plan && !plan.Holds(rules);

    // The one that admitted, and those that the route may have led to since. One that does not count the call keeps nothing for it.
    private IEnumerable<string> UpstreamsOf(AdmissionGrant grant)
    {
        var limited = (ModelOf(grant.Request)?.Route ?? []).Select(static target => target.Upstream).Where(name => !rules.UpstreamLimits(name).IsEmpty);
        return grant.Upstream is { } admittedBy ? limited.Append(admittedBy).Distinct() : limited.Distinct();
    }

    private Model? ModelOf(AdmissionRequest request)
    {
        if (request.Target is { } target)
            return catalog.OfTarget(target);

        var models = catalog.Models;
        for (var i = 0; i < models.Count; i++)
        {
            if (models[i].Id == request.Model)
                return models[i];
        }

        return null;
    }
}
