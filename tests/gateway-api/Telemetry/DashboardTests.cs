using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Telemetry;

/// <summary>Every expression of the dashboards and alerts, held against the metrics of a server that has worked and failed.</summary>
public sealed partial class DashboardTests
{
    [Fact]
    public async Task EveryExpression_AsksForMetricsAndLabelsThatThereAre()
    {
        var page = await MetricsAfterWorkAsync();
        var expressions = Expressions().ToList();

        var faults = expressions.SelectMany(one => PromQl.Faults(one.Expression, page, IsOfTheClusterOrTheCollector).Select(fault => $"{one.File}: {one.Expression}: {fault}"));

        Assert.Empty(faults);
        Assert.True(expressions.Count > 50, $"Only {expressions.Count} expressions were found.");
    }

    [Theory]
    [InlineData("rate(no_such_metric[5m])")]
    [InlineData("sum by (nothing) (orleanschat_requests_in_flight)")]
    [InlineData("orleanschat_requests_shed_total{raeson=\"lag\"}")]
    [InlineData("sum(orleanschat_requests_in_flight")]
    public void AWrongExpression_IsFound(string expression)
    {
        var page = MetricPage.Parse("# TYPE orleanschat_requests_in_flight gauge\norleanschat_requests_in_flight 1\n# TYPE orleanschat_requests_shed_total counter\norleanschat_requests_shed_total{reason=\"lag\"} 0\n");
        Assert.Single(PromQl.Faults(expression, page, IsOfTheClusterOrTheCollector));
    }

    // Those of lost silos are evaluated by SiloLossTests.
    private static bool IsOfTheClusterOrTheCollector(string metric) => metric == "up" || metric.StartsWith("orleans_", StringComparison.Ordinal) || metric.StartsWith("orleanschat_silos_", StringComparison.Ordinal);

    private static async Task<MetricPage> MetricsAfterWorkAsync()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.WithStandIn(upstream.BaseUrl, new OrleansChatOptions
        {
            Org = new OrgOptions { Budget = new BudgetOptions { Usd = 10 } },
            ApiKeys =
            [
                new ApiKeyOptions { Id = "a", Secret = "sk-a", Admin = true },
                new ApiKeyOptions { Id = "b", Secret = "sk-b", Limits = new LimitOptions { RequestsPerMinute = 1 } },
            ],
        }));
        const string Question = """{"model":"default","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";
        upstream.Enqueue(Reply.Text("Hi").WithUsage(5, 5));
        await SendAsync(host, "sk-a", HttpMethod.Post, "/v1/chat/completions", Question);
        upstream.Enqueue(Reply.Status(500));
        await SendAsync(host, "sk-b", HttpMethod.Post, "/v1/chat/completions", Question);
        await SendAsync(host, "sk-b", HttpMethod.Post, "/v1/chat/completions", Question);
        await SendAsync(host, "sk-a", HttpMethod.Put, "/api/collections/docs", "{}");
        await SendAsync(host, "sk-a", HttpMethod.Post, "/api/collections/docs/documents", """{"documents":[{"id":"d","text":"Some text."}]}""");
        await SendAsync(host, "sk-a", HttpMethod.Post, "/api/search", """{"query":"text","collection":"docs"}""");
        GC.Collect();
        return MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
    }

    private static async Task SendAsync(GatewayHost host, string key, HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = GatewayHost.Json(body), Headers = { { "x-api-key", key } } };
        using var response = await host.Client.SendAsync(request);
        await response.Content.ReadAsStringAsync();
    }

    private static IEnumerable<(string File, string Expression)> Expressions()
    {
        var deploy = Path.Combine(Root(), "deploy");
        foreach (Match match in Rule().Matches(File.ReadAllText(Path.Combine(deploy, "prometheus", "rules.yaml"))))
            yield return ("rules.yaml", match.Groups["expression"].Value);
        foreach (var file in Directory.GetFiles(Path.Combine(deploy, "grafana", "dashboards"), "*.json"))
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            foreach (var panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
            {
                foreach (var target in panel.GetProperty("targets").EnumerateArray())
                    yield return (Path.GetFileName(file), target.GetProperty("expr").GetString()!);
            }
        }
    }

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));

    [GeneratedRegex(@"^\s+expr: (?<expression>.+)$", RegexOptions.Multiline)]
    private static partial Regex Rule();
}
