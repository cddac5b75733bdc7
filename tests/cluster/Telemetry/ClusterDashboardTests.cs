using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Telemetry.Exposition;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Cluster.Tests.Telemetry;

/// <summary>The expressions about Orleans, held against the metrics of two silos.</summary>
public sealed partial class ClusterDashboardTests
{
    [Fact]
    public async Task EveryMetricOfOrleans_ThatADashboardOrAlertNames_IsThere()
    {
        using var meters = new TestMeters();
        using var collector = new MetricCollector(meters, TimeProvider.System);
        var host = await ClusterHost.StartAsync();
        await host.Actors.RateLimiter("key:a").DescribeAsync(RateLimits.None, default);
        var page = MetricPage.Parse(collector.Write(openMetrics: false));
        await host.DisposeAsync();

        var deploy = Path.Combine(Root(), "deploy");
        var files = Directory.GetFiles(Path.Combine(deploy, "grafana", "dashboards"), "*.json").Append(Path.Combine(deploy, "prometheus", "rules.yaml"));
        var named = files.SelectMany(file => OfOrleans().Matches(File.ReadAllText(file))).Select(match => match.Value).Distinct().ToList();

        Assert.True(named.Count >= 6);
        Assert.Empty(named.Except(page.Samples.Select(sample => sample.Name)));
    }

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));

    [GeneratedRegex(@"\borleans_\w+")]
    private static partial Regex OfOrleans();
}
