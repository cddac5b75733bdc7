using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>The places of this process at the upstreams whose settings have a <see cref="UpstreamOptions.MaxSlowdown"/>.</summary>
internal sealed class UpstreamPlaces
{
    private const int MostTargets = 1_000;

    private readonly TimeProvider _time;
    private readonly Dictionary<string, double> _slowdowns;
    private readonly ConcurrentDictionary<UpstreamTarget, TargetPlaces> _places = new();
    private readonly Counter<long>? _refusals;

    /// <summary>Makes the places.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="time">The source of time.</param>
    /// <param name="meters">Where refusals are counted; null for nowhere.</param>
    public UpstreamPlaces(OrleansChatOptions options, TimeProvider time, IMeterFactory? meters)
    {
        _time = time;
        _slowdowns = options.Upstreams.Where(static upstream => upstream.MaxSlowdown > 0).DistinctBy(static upstream => upstream.Id, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static upstream => upstream.Id, static upstream => upstream.MaxSlowdown, StringComparer.OrdinalIgnoreCase);
        if (_slowdowns.Count == 0)
            return;
        _refusals = meters?.Create(TelemetryNames.Meter).CreateCounter<long>(
            "orleanschat.upstream.refusals", "{call}", "Calls that were not made, because the upstream had become slower than its MaxSlowdown.");
        foreach (var upstream in _slowdowns.Keys)
            _refusals?.Add(0, new KeyValuePair<string, object?>("upstream", upstream));
    }

    /// <summary>The places at a target; null where any number of calls may wait for it.</summary>
    /// <param name="target">The target.</param>
    public TargetPlaces? Of(UpstreamTarget target)
    {
        if (!_slowdowns.TryGetValue(target.Upstream, out var slowdown))
            return null;
        if (_places.TryGetValue(target, out var places))
            return places;
        return _places.Count < MostTargets ? _places.GetOrAdd(target, _ => new TargetPlaces(slowdown, _time)) : null;
    }

    /// <summary>What a call is told for which no target of its route has a place.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The refusal, which is counted; null where there may be a place.</returns>
    public OrleansChatException? FindRefusal(Model model)
    {
        if (_slowdowns.Count == 0)
            return null;
        foreach (var target in model.Route)
        {
            if (Of(target) is not { IsFull: true })
                return null;
        }

        var failures = new RouteFailures(model);
        foreach (var target in model.Route)
        {
            CountRefusal(target);
            failures.AddSlow(target);
        }

        return failures.ToException();
    }

    /// <summary>A call was not made for want of a place.</summary>
    /// <param name="target">Its target.</param>
    public void CountRefusal(UpstreamTarget target) => _refusals?.Add(1, new KeyValuePair<string, object?>("upstream", target.Upstream));
}
