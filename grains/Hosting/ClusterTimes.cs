using Orleans.Configuration;
using OrleansChat.Core.Actors;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.Grains.Sessions.Draining;

namespace OrleansChat.Grains.Hosting;

/// <summary>
/// The times by which a cluster notices a death. Orleans fits the time of a probe to the answers that it has seen, within bounds: on an idle network
/// a killed silo is out after half a second, and on a machine at its limits a healthy one is given up to twice the longest probe.
/// </summary>
public static class ClusterTimes
{
    private const int MissedProbes = 2;
    private static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(750);
    private static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TableRefresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Deactivation = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefunctSiloAge = TimeSpan.FromHours(1);

    /// <summary>Sets a silo's times.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="drain">How long its actors may take to end their work when it stops.</param>
    /// <returns>The same silo.</returns>
    public static ISiloBuilder UseClusterTimes(this ISiloBuilder silo, TimeSpan drain)
    {
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = Probe;
            membership.MaxProbeTimeout = LongestProbe;
            membership.NumMissedProbesLimit = MissedProbes;
            membership.TableRefreshTimeout = TableRefresh;
            membership.DefunctSiloExpiration = DefunctSiloAge;
        });
        silo.Configure<SiloMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = ClusterClients.ResponseTimeout;
            messaging.CancelRequestOnTimeout = true;

            // Who gives a call up may then rely on it: what was waited for was not taken.
            messaging.WaitForCancellationAcknowledgement = true;

            // A grain's mailbox is bounded as a local actor's; what is beyond it is refused and not repeated.
            messaging.MaxEnqueuedRequestsHardLimit = ActorOverload.MostCalls;
        });
        silo.Configure<TurnDrainOptions>(options => options.Patience = drain);
        silo.Configure<GrainCollectionOptions>(collection => collection.DeactivationTimeout = Deactivation);
        return silo;
    }
}
