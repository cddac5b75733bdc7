namespace OrleansChat.Bench.Overhead;

/// <summary>Everything on that a request can pass: key, team, model and upstream have limits, key, team and organisation have budgets.</summary>
internal static class GatewaySettings
{
    public const string Secret = "sk-overhead-0123456789";

    private static readonly string[] Limits = ["RequestsPerMinute=10000000", "TokensPerMinute=1000000000", "MaxConcurrent=10000"];

    public static IEnumerable<string> For(string upstream) =>
    [
        "Logging:Level=Warning",
        "ApiKeys:0:Id=bench", $"ApiKeys:0:Secret={Secret}", "ApiKeys:0:Team=team",
        "ApiKeys:0:Budget:Usd=1000000", "ApiKeys:0:Budget:Window=Month",
        "Teams:0:Id=team", "Teams:0:Budget:Usd=1000000", "Teams:0:Budget:Window=Month",
        "Org:Budget:Usd=1000000", "Org:Budget:Window=Month",
        "Upstreams:0:Id=local", $"Upstreams:0:BaseUrl={upstream}/v1",
        "Models:0:Id=default", "Models:0:Route=local/any", "Models:0:InputUsdPerMillion=0.15", "Models:0:OutputUsdPerMillion=0.60",
        .. Limits.SelectMany(limit => (string[])[$"ApiKeys:0:Limits:{limit}", $"Teams:0:Limits:{limit}", $"Models:0:Limits:{limit}", $"Upstreams:0:Limits:{limit}"]),
    ];
}
