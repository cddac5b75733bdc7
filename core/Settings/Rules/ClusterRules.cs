using System.Net;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>The cluster.</summary>
internal static class ClusterRules
{
    /// <summary>Checks the cluster's settings.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        var cluster = options.Cluster;
        Names.CheckOne("Cluster:ClusterId", cluster.ClusterId, faults);
        Names.CheckOne("Cluster:ServiceId", cluster.ServiceId, faults);
        if (string.IsNullOrWhiteSpace(cluster.Redis))
            faults.Add("Cluster:Redis", "must not be empty", "Write it as '127.0.0.1:6379'.", cluster.Redis);
        else
            SecretRules.Read("Cluster:Redis", cluster.Redis, faults);
        if (cluster.AdvertisedAddress is { } address && !IPAddress.TryParse(address, out _))
            faults.Add("Cluster:AdvertisedAddress", "is not an IP address", "Write it as '10.0.0.5', or leave it out.", address);
        if (cluster.SiloPort == cluster.GatewayPort)
            faults.Add("Cluster:GatewayPort", "is the SiloPort too", "Give each its own port.", $"{cluster.GatewayPort}");
        foreach (var url in cluster.SiloUrls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (ListenAddress.Parse(url) is null)
                faults.Add("Cluster:SiloUrls", $"holds '{url}', which is not an address to listen on", "Write it as 'http://127.0.0.1:8081'.", cluster.SiloUrls);
        }
    }
}
