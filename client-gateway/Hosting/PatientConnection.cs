using OrleansChat.Core.Settings;

namespace OrleansChat.ClientGateway.Hosting;

/// <summary>Looks for silos until there is one, and says what it looks for.</summary>
internal sealed partial class PatientConnection(OrleansChatOptions options, TimeProvider time, ILogger<PatientConnection> logger)
    : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        LogWaiting(options.Cluster.ClusterId, options.Cluster.ServiceId, exception.Message);
        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(620, LogLevel.Warning, "No silo of cluster '{ClusterId}', service '{ServiceId}', answers yet; looking on ({Reason})")]
    private partial void LogWaiting(string clusterId, string serviceId, string reason);
}
