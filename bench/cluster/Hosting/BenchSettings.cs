using OrleansChat.Core.Settings;

namespace OrleansChat.Cluster.Bench.Hosting;

/// <summary>The settings of a benchmark's silos and clients: the shipped ones, on free ports, with one upstream that keeps a pace.</summary>
internal static class BenchSettings
{
    public static OrleansChatOptions Of(string redis, int siloPort = 11_111, int gatewayPort = 30_000) => new()
    {
        Cluster = new Core.Settings.ClusterOptions
        {
            Redis = redis,
            AdvertisedAddress = "127.0.0.1",
            SiloPort = siloPort,
            GatewayPort = gatewayPort,
        },
        Logging = new Core.Settings.LoggingOptions { Level = "Critical" },
        Upstreams = [new UpstreamOptions { Id = "paced", Kind = UpstreamKind.OpenAI, BaseUrl = "http://127.0.0.1:9" }],
        Models = [new ModelOptions { Id = ModelOptions.DefaultId, Route = ["paced/any"] }],
    };
}
