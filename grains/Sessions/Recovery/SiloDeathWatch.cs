using Microsoft.Extensions.Logging;

namespace OrleansChat.Grains.Sessions.Recovery;

/// <summary>Asks for a recovery when this silo has started and whenever another one is found dead.</summary>
internal sealed partial class SiloDeathWatch(IGrainFactory grains, ISiloStatusOracle silos, TimeProvider time, ILogger<SiloDeathWatch> logger)
    : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _due = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private Task _watch = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(SiloDeathWatch), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status is SiloStatus.Dead)
            _due.Release();
    }

    public void Dispose()
    {
        _due.Dispose();
        _stopping.Dispose();
    }

    private Task StartAsync(CancellationToken cancellationToken)
    {
        silos.SubscribeToSiloStatusEvents(this);
        _due.Release();
        _watch = Task.Run(() => WatchAsync(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        silos.UnSubscribeFromSiloStatusEvents(this);
        await _stopping.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await _due.WaitAsync(stop);
            try
            {
                await grains.GetGrain<ITurnRecoveryGrain>(ITurnRecoveryGrain.Key).RecoverAsync(stop);
            }
            catch (Exception fault) when (!stop.IsCancellationRequested)
            {
                LogFailed(fault);
                _due.Release();
                await Task.Delay(Pause, time, stop);
            }
        }
    }

    [LoggerMessage(600, LogLevel.Warning, "Open turns could not be recovered yet; another attempt follows")]
    private partial void LogFailed(Exception fault);
}
