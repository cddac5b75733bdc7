using Orleans.Configuration;
using OrleansChat.GrainInterfaces.Directory;

namespace OrleansChat.Grains.Hosting;

/// <summary>
/// The times by which a cluster notices a death. Measured over loopback: a killed silo is out after about one second and calls that were in
/// flight are repeated after three; Orleans' defaults need 11 to 15 s, and 30 s for calls in flight.
/// </summary>
public static class ClusterTimes
{
    private const int MissedProbes = 2;
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TableRefresh = TimeSpan.FromSeconds(10);
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
        });
        silo.Configure<GrainCollectionOptions>(collection => collection.DeactivationTimeout = drain);
        return silo;
    }
}
