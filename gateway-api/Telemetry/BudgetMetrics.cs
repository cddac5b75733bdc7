using System.Diagnostics.Metrics;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Telemetry;
using OrleansChat.GatewayApi.Operation;

namespace OrleansChat.GatewayApi.Telemetry;

/// <summary>Budgets of keys, teams and the organisation. Their owners are asked when metrics are, at most every ten seconds.</summary>
internal sealed class BudgetMetrics : IScrapeSource
{
    /// <summary>Budgets that are shown; operators with more of them look at <c>/api/limits</c>.</summary>
    private const int Most = 200;

    private static readonly ApiKey Operator = new() { Id = ApiKey.LocalId, Admin = true };
    private static readonly TimeSpan HoldsFor = TimeSpan.FromSeconds(10);

    private readonly Scopes _scopes;
    private readonly IActorDirectory _actors;
    private readonly TimeProvider _clock;
    private volatile IReadOnlyList<(string Scope, BudgetStatus Status)> _last = [];
    private long? _asked;

    public BudgetMetrics(Scopes scopes, IActorDirectory actors, IMeterFactory meters, TimeProvider clock)
    {
        (_scopes, _actors, _clock) = (scopes, actors, clock);
        var meter = meters.Create(TelemetryNames.Meter);
        meter.CreateObservableGauge("orleanschat.budget.limit.usd", () => Observe(one => one.LimitNanoUsd ?? 0), null, "A budget in US dollars.");
        meter.CreateObservableGauge("orleanschat.budget.spent.usd", () => Observe(one => one.SpentNanoUsd), null, "US dollars settled in a budget's window.");
        meter.CreateObservableGauge("orleanschat.budget.reserved.usd", () => Observe(one => one.ReservedNanoUsd), null, "US dollars reserved by running calls.");
    }

    /// <inheritdoc/>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        if (_asked is { } asked && _clock.GetElapsedTime(asked) < HoldsFor)
            return;

        _asked = _clock.GetTimestamp();
        var scopes = await _scopes.VisibleToAsync(Operator, cancellationToken);
        _last = await Task.WhenAll(scopes.Where(scope => scope.Budget is not null).Take(Most).Select(DescribeAsync));

        async Task<(string, BudgetStatus)> DescribeAsync(Scope scope) =>
            (scope.Name, await _actors.CostTracker(scope.Name).DescribeAsync(scope.Budget, cancellationToken));
    }

    private IEnumerable<Measurement<double>> Observe(Func<BudgetStatus, long> nano) =>
        _last.Select(one => new Measurement<double>((double)NanoUsd.ToUsd(nano(one.Status)), new KeyValuePair<string, object?>("scope", one.Scope)));
}
