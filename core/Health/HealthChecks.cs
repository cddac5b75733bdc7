using OrleansChat.Core.Errors;
using OrleansChat.Core.Health.Sla;

namespace OrleansChat.Core.Health;

/// <summary>A component at the last look.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsCritical">Whether nothing can be served without it.</param>
/// <param name="Status">How it is.</param>
/// <param name="ResponseTimeMs">How long the look took, in milliseconds.</param>
/// <param name="Detail">What is wrong; null when nothing is.</param>
/// <param name="Counts">Figures; null for none.</param>
public sealed record ComponentHealth(string Name, bool IsCritical, HealthStatus Status, double ResponseTimeMs, string? Detail,
    IReadOnlyDictionary<string, long>? Counts)
{
    /// <summary>What was wrong when something last was; null for never.</summary>
    public string? LastError { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>Time since it last came to work.</summary>
    public TimeSpan Uptime { get; init; }
}

/// <summary>Everything at the last look.</summary>
/// <param name="Status">How the whole is.</param>
/// <param name="Components">The components, in the order in which they were registered.</param>
public sealed record HealthView(HealthStatus Status, IReadOnlyList<ComponentHealth> Components);

/// <summary>
/// Looks after all components at once, every few seconds by itself and at most once a second when asked. Whoever asks gets the last look while a
/// new one is under way, so that an answer takes no longer under load, or while something does not answer.
/// </summary>
public sealed class HealthChecks : IDisposable
{
    private static readonly TimeSpan HoldsFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<IHealthComponent> _components;
    private readonly Dictionary<string, Past> _past;
    private readonly TimeProvider _clock;
    private readonly SlaRecorder _sla;
    private readonly Lock _gate = new();
    private readonly long _started;
    private readonly ITimer _timer;
    private Task<HealthView>? _looking;
    private (long At, HealthView View)? _last;

    /// <summary>Begins to look.</summary>
    /// <param name="components">What to look after.</param>
    /// <param name="sla">Where looks are counted.</param>
    /// <param name="clock">The clock.</param>
    public HealthChecks(IEnumerable<IHealthComponent> components, SlaRecorder sla, TimeProvider clock)
    {
        _components = [.. components];
        (_sla, _clock, _started) = (sla, clock, clock.GetTimestamp());
        _past = _components.DistinctBy(component => component.Name).ToDictionary(component => component.Name, _ => new Past { Since = _started }, StringComparer.Ordinal);
        _timer = clock.CreateTimer(_ => LookAgain(), null, Period, Period);
    }

    /// <summary>Time since the start.</summary>
    public TimeSpan Uptime => _clock.GetElapsedTime(_started);

    /// <summary>How everything was at the last look, which is a new one where the last is too old.</summary>
    /// <param name="cancellationToken">Ends the wait for a new one.</param>
    /// <returns>What was found.</returns>
    public async ValueTask<HealthView> LookAsync(CancellationToken cancellationToken)
    {
        (long At, HealthView View)? last;
        lock (_gate)
            last = _last;
        if (last is { } known && _clock.GetElapsedTime(known.At) is var age && age < StaleAfter)
        {
            if (age >= HoldsFor)
                _ = LookAgain();
            lock (_gate)
                return _last!.Value.View;
        }

        return await LookAgain().WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private Task<HealthView> LookAgain()
    {
        lock (_gate)
        {
            if (_looking is { IsCompleted: false })
                return _looking;
        }

        // Checks that answer at once are done when this returns, so that their news is seen by the one who asked.
        var looking = LookAllAsync();
        lock (_gate)
            return _looking = looking;
    }

    // A part that only some requests need makes the whole degraded, not unhealthy.
    private static HealthStatus Overall(IReadOnlyList<ComponentHealth> found)
    {
        if (found.Any(component => component is { IsCritical: true, Status: HealthStatus.Unhealthy }))
            return HealthStatus.Unhealthy;
        return found.All(component => component.Status is HealthStatus.Healthy) ? HealthStatus.Healthy : HealthStatus.Degraded;
    }

    private async Task<HealthView> LookAllAsync()
    {
        var found = await Task.WhenAll(_components.Select(CheckAsync));
        var view = new HealthView(Overall(found), found);
        lock (_gate)
            _last = (_clock.GetTimestamp(), view);
        _sla.Count([(SlaRecorder.Overall, view.Status is not HealthStatus.Unhealthy), .. found.Select(one => (one.Name, one.Status is not HealthStatus.Unhealthy))]);
        return view;
    }

    private async Task<ComponentHealth> CheckAsync(IHealthComponent component)
    {
        var began = _clock.GetTimestamp();
        using var limit = new CancellationTokenSource(TimeLimit, _clock);
        HealthFinding finding;
        try
        {
            // The limit holds even for a check that does not listen to its token.
            var check = component.CheckAsync(limit.Token);
            finding = check.IsCompletedSuccessfully ? await check : await check.AsTask().WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            finding = new HealthFinding(HealthStatus.Unhealthy, $"The check took more than {TimeLimit.TotalSeconds:F0} seconds.");
        }
        catch (Exception fault)
        {
            finding = new HealthFinding(HealthStatus.Unhealthy, fault is OrleansChatException known ? known.Problem.Detail : fault.GetType().Name);
        }

        var took = _clock.GetElapsedTime(began).TotalMilliseconds;
        var past = _past[component.Name];
        lock (past)
            past.Note(finding, _clock);
        return new ComponentHealth(component.Name, component.IsCritical, finding.Status, Math.Round(took, 3), finding.Detail, finding.Counts)
        {
            LastError = past.LastError,
            LastErrorAt = past.LastErrorAt,
            Uptime = past.Since is { } since ? _clock.GetElapsedTime(since) : TimeSpan.Zero,
        };
    }

    private sealed class Past
    {
        public long? Since { get; set; }

        public string? LastError { get; private set; }

        public DateTimeOffset? LastErrorAt { get; private set; }

        public void Note(HealthFinding finding, TimeProvider clock)
        {
            Since = finding.Status is HealthStatus.Unhealthy ? null : Since ?? clock.GetTimestamp();
            if (finding.Status is not HealthStatus.Healthy)
                (LastError, LastErrorAt) = (finding.Detail, clock.GetUtcNow());
        }
    }
}
