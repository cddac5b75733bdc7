namespace OrleansChat.Core.Health;

/// <summary>Embedding models as their newest calls found them.</summary>
public sealed class EmbeddingHealth : IHealthComponent
{
    private volatile string? _fault;

    /// <inheritdoc/>
    public string Name => "embeddings";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <summary>A call has ended.</summary>
    /// <param name="model">The model.</param>
    /// <param name="error">Why it failed; null when it did not.</param>
    public void Note(string model, string? error) => _fault = error is null or "cancelled" ? null : $"The newest call of {model} failed: {error}.";

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(_fault is { } fault ? new HealthFinding(HealthStatus.Degraded, fault) : HealthFinding.Healthy);
}
