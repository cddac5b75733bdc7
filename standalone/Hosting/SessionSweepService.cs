using OrleansChat.Core.Sessions;

namespace OrleansChat.Standalone.Hosting;

/// <summary>Runs the sweep of sessions once at the start, for what fell due while the process was down, and then every period.</summary>
internal sealed partial class SessionSweepService(SessionSweep sweep, TimeProvider time, ILogger<SessionSweepService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SessionSweep.Period, time);
        do
        {
            try
            {
                await sweep.RunAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogFailed(fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(320, LogLevel.Warning, "The sweep of sessions failed; another follows in a minute")]
    private partial void LogFailed(Exception fault);
}
