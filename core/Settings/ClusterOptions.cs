using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>The cluster, used by silos and their gateways; standalone has none.</summary>
public sealed record ClusterOptions
{
    /// <summary>The cluster's name: silos and gateways with the same one find each other.</summary>
    /// <value>The default is <c>orleanschat</c>.</value>
    public string ClusterId { get; init; } = "orleanschat";

    /// <summary>The service's name, a part of every stored key: it never changes as long as the data is wanted.</summary>
    /// <value>The default is <c>orleanschat</c>.</value>
    public string ServiceId { get; init; } = "orleanschat";

    /// <summary>Redis, as StackExchange.Redis takes it: <c>host:port</c>, then options such as <c>password=…</c>; <c>env:NAME</c> and <c>file:/path</c> work too.</summary>
    /// <value>The default is <c>127.0.0.1:6379</c>.</value>
    public string Redis { get; init; } = "127.0.0.1:6379";

    /// <summary>The address at which others reach a silo; null for the first address of this machine that is not loopback, or loopback.</summary>
    public string? AdvertisedAddress { get; init; }

    /// <summary>The port at which other silos reach a silo.</summary>
    /// <value>The default is 11111.</value>
    [Range(1, 65_535)]
    public int SiloPort { get; init; } = 11_111;

    /// <summary>The port at which gateways reach a silo.</summary>
    /// <value>The default is 30000.</value>
    [Range(1, 65_535)]
    public int GatewayPort { get; init; } = 30_000;

    /// <summary>Addresses of a silo's own HTTP server, with its health and its dashboard, separated by ';'.</summary>
    /// <value>The default is <c>http://127.0.0.1:8081</c>.</value>
    public string SiloUrls { get; init; } = "http://127.0.0.1:8081";

    /// <summary>Its name alone: a record would print its secret.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"cluster {ClusterId} of {ServiceId}";
}
