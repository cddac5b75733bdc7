using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;

namespace OrleansChat.GatewayApi.Health;

/// <summary>A component at the last look.</summary>
internal sealed record ComponentHealth(string Name, bool IsCritical, HealthStatus Status, double ResponseTimeMs, string? LastError,
    IReadOnlyDictionary<string, long>? Counts);

/// <summary>Everything at the last look.</summary>
internal sealed record HealthView(HealthStatus Status, IReadOnlyList<ComponentHealth> Components);

/// <summary>Looks after all components at once; an answer holds for a second, so that probes cost nothing under load.</summary>
internal sealed class HealthChecks(IEnumerable<IHealthComponent> components, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan HoldsFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<IHealthComponent> _components = [.. components];
    private readonly SemaphoreSlim _gate = new(1);
    private readonly long _started = clock.GetTimestamp();
    private (long At, HealthView View)? _last;

    /// <summary>Time since the start.</summary>
    public TimeSpan Uptime => clock.GetElapsedTime(_started);

    /// <summary>How everything is, at most a second ago.</summary>
    public async ValueTask<HealthView> LookAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && clock.GetElapsedTime(last.At) < HoldsFor)
                return last.View;

            var found = await Task.WhenAll(_components.Select(CheckAsync));
            var view = new HealthView(Overall(found), found);
            _last = (clock.GetTimestamp(), view);
            return view;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    // A part that only some requests need makes the whole degraded, not unhealthy.
    private static HealthStatus Overall(IReadOnlyList<ComponentHealth> found)
    {
        if (found.Any(component => component is { IsCritical: true, Status: HealthStatus.Unhealthy }))
            return HealthStatus.Unhealthy;
        return found.All(component => component.Status is HealthStatus.Healthy) ? HealthStatus.Healthy : HealthStatus.Degraded;
    }

    private async Task<ComponentHealth> CheckAsync(IHealthComponent component)
    {
        var began = clock.GetTimestamp();
        using var limit = new CancellationTokenSource(TimeLimit, clock);
        HealthFinding finding;
        try
        {
            // The limit holds even for a check that does not listen to its token.
            finding = await component.CheckAsync(limit.Token).AsTask().WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            finding = new HealthFinding(HealthStatus.Unhealthy, $"The check took more than {TimeLimit.TotalSeconds:F0} seconds.");
        }
        catch (Exception fault)
        {
            finding = new HealthFinding(HealthStatus.Unhealthy, fault is OrleansChatException known ? known.Problem.Detail : fault.GetType().Name);
        }

        var took = clock.GetElapsedTime(began).TotalMilliseconds;
        return new ComponentHealth(component.Name, component.IsCritical, finding.Status, Math.Round(took, 3), finding.Detail, finding.Counts);
    }
}
