using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.Core.Health;

/// <summary>
/// The fallbacks that are in use now. One is entered when the better way fails, and left when the better way works again: by evidence, never by time.
/// </summary>
public sealed class Fallbacks : IHealthComponent
{
    /// <summary>Searches find words alone: the embedding model or the vectors failed.</summary>
    public const string DenseSearch = "dense-search-to-lexical";

    /// <summary>Hits stay in the order in which they were found: the reranking model failed.</summary>
    public const string Reranking = "reranking-to-none";

    /// <summary>Turns go on without passages: the search failed.</summary>
    public const string Retrieval = "retrieval-to-none";

    /// <summary>Answers are made anew: the cache failed.</summary>
    public const string AnswerCache = "answer-cache-to-direct";

    /// <summary>Requests are refused: what they use cannot be counted.</summary>
    public const string UsageStoreDenied = "usage-store-to-deny";

    /// <summary>Requests pass uncounted: what they use cannot be counted, and the settings let them through.</summary>
    public const string UsageStoreAllowed = "usage-store-to-allow";

    /// <summary>Requests are refused at once: there is more to do than can be done in time.</summary>
    public const string Shedding = "service-to-shedding";

    private const int Most = 100;

    private readonly ConcurrentDictionary<string, string> _active = new(StringComparer.Ordinal);
    private readonly Counter<long>? _entered;

    /// <summary>Makes the register.</summary>
    /// <param name="meters">Makes the meter; null for no metrics.</param>
    public Fallbacks(IMeterFactory? meters = null)
    {
        var meter = meters?.Create(TelemetryNames.Meter);
        _entered = meter?.CreateCounter<long>("orleanschat.fallbacks.entered", "{time}", "Times that a fallback came into use.");
        meter?.CreateObservableGauge(
            "orleanschat.fallbacks.active",
            () => _active.Keys.Select(name => new Measurement<long>(1, new KeyValuePair<string, object?>("fallback", name))),
            null,
            "Fallbacks in use: 1 for each.");
    }

    /// <inheritdoc/>
    public string Name => "fallbacks";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <summary>The fallback of a model's route to another than its first upstream.</summary>
    /// <param name="model">The model's id in settings.</param>
    /// <returns>Its name.</returns>
    public static string RouteOf(string model) => $"route-of-{model}";

    /// <summary>What an answer owes to fallbacks, for those who read it.</summary>
    /// <param name="names">Their names, in any order and number.</param>
    /// <returns>Each once, in order; null for none.</returns>
    public static IReadOnlyList<string>? Told(params IEnumerable<string> names)
    {
        string[] told = [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return told.Length == 0 ? null : told;
    }

    /// <summary>The better way failed.</summary>
    /// <param name="name">The fallback.</param>
    /// <param name="cause">Why, as a code or a type's name.</param>
    public void Enter(string name, string cause)
    {
        if (_active.Count < Most && _active.TryAdd(name, cause))
            _entered?.Add(1, new KeyValuePair<string, object?>("fallback", name));
    }

    /// <summary>The better way worked.</summary>
    /// <param name="name">The fallback.</param>
    public void Leave(string name)
    {
        if (!_active.IsEmpty)
            _active.TryRemove(name, out _);
    }

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_active.IsEmpty
        ? HealthFinding.Healthy
        : new HealthFinding(HealthStatus.Degraded, $"In use: {string.Join(", ", _active.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key} ({one.Value})"))}."));
}
