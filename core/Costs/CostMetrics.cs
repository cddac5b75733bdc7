using System.Diagnostics.Metrics;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.Core.Costs;

/// <summary>What budgets are measured by.</summary>
public sealed class CostMetrics
{
    private readonly Counter<long> _thresholds;
    private readonly Counter<long> _excesses;

    /// <summary>Makes the instruments.</summary>
    /// <param name="factory">Makes the meter; without one it stands alone.</param>
    public CostMetrics(IMeterFactory? factory = null)
    {
        var meter = factory?.Create(TelemetryNames.Meter) ?? new Meter(TelemetryNames.Meter);
        _thresholds = meter.CreateCounter<long>(
            "orleanschat.budget.thresholds", "{threshold}", "Thresholds of budgets that were reached, once for each window.");
        _excesses = meter.CreateCounter<long>(
            "orleanschat.budget.excesses", "{settlement}", "Settlements above what was reserved for them.");
    }

    /// <summary>A threshold was reached.</summary>
    /// <param name="scope">The scope, such as <c>key:a</c>; its kind is the tag, since ids are many.</param>
    /// <param name="percent">The threshold, in percent of the limit.</param>
    public void CountThreshold(string scope, int percent) =>
        _thresholds.Add(1, new KeyValuePair<string, object?>("scope", KindOf(scope)), new KeyValuePair<string, object?>("percent", percent));

    /// <summary>A settlement was above its reservation.</summary>
    /// <param name="scope">The scope, such as <c>key:a</c>.</param>
    public void CountExcess(string scope) => _excesses.Add(1, new KeyValuePair<string, object?>("scope", KindOf(scope)));

    private static string KindOf(string scope) => scope.IndexOf(':', StringComparison.Ordinal) is > 0 and var end ? scope[..end] : scope;
}
