using OrleansChat.Core.Health;
using OrleansChat.VectorQdrant.Connection;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Health;

/// <summary>Qdrant as <c>/health</c> shows it. Chats without collections go on without it, so it is not critical.</summary>
internal sealed class QdrantHealth(QdrantConnection qdrant) : IHealthComponent
{
    /// <inheritdoc/>
    public string Name => "qdrant";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <inheritdoc/>
    public async ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        await qdrant.CallAsync((client, call) => client.Qdrant.HealthCheckAsync(new HealthCheckRequest(), call), cancellationToken);
        return HealthFinding.Healthy;
    }
}
