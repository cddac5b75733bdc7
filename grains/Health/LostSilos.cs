using System.Diagnostics.Metrics;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.Grains.Health;

/// <summary>Counts the silos that died without having begun to leave, as this silo saw it: one that is stopped says so first.</summary>
internal sealed class LostSilos : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener
{
    private readonly ISiloStatusOracle _silos;
    private readonly Lock _gate = new();
    private readonly HashSet<SiloAddress> _present = [];
    private long _lost;

    /// <summary>Prepares the count.</summary>
    /// <param name="silos">Tells of the others.</param>
    /// <param name="meters">Makes the meter.</param>
    public LostSilos(ISiloStatusOracle silos, IMeterFactory meters)
    {
        _silos = silos;

        // Observed, and so there from the beginning: a rise can only be seen where there was something before it.
        meters.Create(TelemetryNames.Meter).CreateObservableCounter(
            "orleanschat.silos.lost", () => Volatile.Read(ref _lost), "{silo}", "Silos that died without leaving, as this silo saw it.");
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(LostSilos), ServiceLifecycleStage.Active, BeginAsync, EndAsync);

    /// <inheritdoc/>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        lock (_gate)
        {
            if (status is SiloStatus.Active)
                _present.Add(updatedSilo);
            else if (_present.Remove(updatedSilo) && status is SiloStatus.Dead)
                _lost++;
        }
    }

    private Task BeginAsync(CancellationToken cancellationToken)
    {
        _silos.SubscribeToSiloStatusEvents(this);
        lock (_gate)
            _present.UnionWith(_silos.GetApproximateSiloStatuses(onlyActive: true).Keys);

        return Task.CompletedTask;
    }

    private Task EndAsync(CancellationToken cancellationToken)
    {
        _silos.UnSubscribeFromSiloStatusEvents(this);
        return Task.CompletedTask;
    }
}
