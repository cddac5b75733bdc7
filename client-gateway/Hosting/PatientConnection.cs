using OrleansChat.Core.Settings;
using OrleansChat.GrainInterfaces.Clustering;

namespace OrleansChat.ClientGateway.Hosting;

/// <summary>Looks for silos until there is one, and says what it looks for.</summary>
internal sealed partial class PatientConnection(
    OrleansChatOptions options, TimeProvider time, ILogger<PatientConnection> logger, ClusterRegister? register = null)
    : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        var hint = register is null ? "" : await register.ExplainAsync();
        LogWaiting(options.Cluster.ClusterId, options.Cluster.ServiceId, hint.Length > 0 ? hint : exception.Message);
        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(620, LogLevel.Warning, "No silo of cluster '{ClusterId}', service '{ServiceId}', answers yet; looking on ({Reason})")]
    private partial void LogWaiting(string clusterId, string serviceId, string reason);
}
