namespace OrleansChat.Core.Health;

/// <summary>Something that the server depends on, as <c>/health</c> shows it. Register as many as there are.</summary>
public interface IHealthComponent
{
    /// <summary>Its name, such as <c>journal</c> or <c>upstream:openai</c>.</summary>
    string Name { get; }

    /// <summary>Whether the server can serve anybody without it: <c>/ready</c> asks for these alone.</summary>
    bool IsCritical { get; }

    /// <summary>Looks after it. Cheap: asked at most once a second, and given up after two.</summary>
    /// <param name="cancellationToken">Gives the check up.</param>
    /// <returns>What was found. An exception counts as <see cref="HealthStatus.Unhealthy"/> with its message.</returns>
    ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken);
}

/// <summary>How a component is.</summary>
/// <param name="Status">Its state.</param>
/// <param name="Detail">What is wrong, free of secrets; null when nothing is.</param>
public sealed record HealthFinding(HealthStatus Status, string? Detail = null)
{
    /// <summary>Figures that tell how busy it is, by their names; null for none.</summary>
    public IReadOnlyDictionary<string, long>? Counts { get; init; }

    /// <summary>Nothing is wrong.</summary>
    public static readonly HealthFinding Healthy = new(HealthStatus.Healthy);
}

/// <summary>The states of a component and of the whole, from best to worst.</summary>
public enum HealthStatus
{
    /// <summary>It works.</summary>
    Healthy,

    /// <summary>It works in part, or only just.</summary>
    Degraded,

    /// <summary>It does not work.</summary>
    Unhealthy,
}
