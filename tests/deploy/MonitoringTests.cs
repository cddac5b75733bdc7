using System.Text.Json;

namespace OrleansChat.Deploy.Tests;

/// <summary>Prometheus and Grafana of the compose file: they find what they are told to look at.</summary>
public sealed class MonitoringTests
{
    private readonly Node _compose = Yaml.ReadAll(Repository.PathOf("deploy", "compose.yaml")).Single();
    private readonly Node _prometheus = Yaml.ReadAll(Repository.PathOf("deploy", "prometheus", "prometheus.yaml")).Single();

    [Fact]
    public void Prometheus_ScrapesEveryProcess_AtItsPort_WithTheKeyThatItIsGiven()
    {
        var targets = _prometheus["scrape_configs"].Items.SelectMany(job => job["static_configs"].Items).SelectMany(config => config["targets"].Texts).ToList();
        Assert.Equal(["gateway-1:8080", "gateway-2:8080", "silo-1:8081", "silo-2:8081"], targets.Order(StringComparer.Ordinal));
        foreach (var target in targets)
        {
            var service = _compose["services"][target.Split(':')[0]];
            Routes.AssertMapped(service.At("build/dockerfile").Text!.Contains("silo", StringComparison.Ordinal) ? "silo" : "client-gateway", "/metrics");
            Assert.Contains("ORLEANSCHAT_METRICS_KEY", service["environment"]["ORLEANSCHAT__APIKEYS__1__SECRET"].Text, StringComparison.Ordinal);
        }

        var secret = Assert.Single(_compose.At("services/prometheus/secrets").Texts);
        Assert.Equal("ORLEANSCHAT_METRICS_KEY", _compose["secrets"][secret]["environment"].Text);
        Assert.All(_prometheus["scrape_configs"].Items, job => Assert.Equal($"/run/secrets/{secret}", job.At("authorization/credentials_file").Text));
    }

    [Fact]
    public void Prometheus_HasTheShippedRules_BesideItsConfiguration()
    {
        var mounts = Mounts("prometheus");
        Assert.Contains($"--config.file={mounts["./prometheus/prometheus.yaml"]}", _compose.At("services/prometheus/command").Texts);
        foreach (var rules in _prometheus["rule_files"].Texts)
            Assert.Equal(Path.Combine(Path.GetDirectoryName(mounts["./prometheus/prometheus.yaml"])!, rules), mounts[$"./prometheus/{rules}"]);
        Assert.Contains($"--storage.tsdb.path={mounts["prometheus"]}", _compose.At("services/prometheus/command").Texts);
    }

    [Fact]
    public void Grafana_HasTheShippedDashboards_OverThatPrometheus()
    {
        var mounts = Mounts("grafana");
        var provider = Yaml.ReadAll(Repository.PathOf("deploy", "grafana", "provisioning", "dashboards.yaml")).Single()["providers"].Items.Single();
        Assert.Equal(mounts["./grafana/dashboards"], provider.At("options/path").Text);
        var source = Yaml.ReadAll(Repository.PathOf("deploy", "grafana", "provisioning", "datasources.yaml")).Single()["datasources"].Items.Single();
        var address = new Uri(source["url"].Text!);
        Assert.Contains(_compose["services"][address.Host]["ports"].Texts, port => port.EndsWith($":{address.Port}", StringComparison.Ordinal));
        Assert.Equal(("prometheus", "true"), (source["type"].Text, source["isDefault"].Text));
        Assert.StartsWith("/etc/grafana/provisioning/dashboards/", mounts["./grafana/provisioning/dashboards.yaml"], StringComparison.Ordinal);
        Assert.StartsWith("/etc/grafana/provisioning/datasources/", mounts["./grafana/provisioning/datasources.yaml"], StringComparison.Ordinal);

        // A dashboard asks for a source of that type and takes the default one.
        var dashboards = Directory.GetFiles(Repository.PathOf("deploy", "grafana", "dashboards"), "*.json");
        Assert.True(dashboards.Length >= 6);
        Assert.All(dashboards, file =>
        {
            var variables = JsonElement.Parse(File.ReadAllText(file)).GetProperty("templating").GetProperty("list").EnumerateArray();
            Assert.Contains(variables, variable => variable.GetProperty("type").GetString() == "datasource" && variable.GetProperty("query").GetString() == "prometheus");
        });
    }

    [Fact]
    public void Both_AreStartedByTheirProfileAlone()
    {
        Assert.Equal(
            ["grafana", "prometheus"],
            _compose["services"].Members.Where(service => service.Value["profiles"].Texts.Contains("monitoring")).Select(service => service.Key).Order(StringComparer.Ordinal));
    }

    private Dictionary<string, string> Mounts(string service) =>
        _compose["services"][service]["volumes"].Texts.Select(mount => mount.Split(':')).ToDictionary(mount => mount[0], mount => mount[1]);
}
