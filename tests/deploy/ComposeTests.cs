using System.Text.RegularExpressions;
using OrleansChat.Core.Settings;

namespace OrleansChat.Deploy.Tests;

public sealed partial class ComposeTests
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);

    private readonly Node _compose = Yaml.ReadAll(Repository.PathOf("deploy", "compose.yaml")).Single();

    public static TheoryData<string, string> Processes => new()
    {
        { "silo-1", "silo" },
        { "silo-2", "silo" },
        { "gateway-1", "client-gateway" },
        { "gateway-2", "client-gateway" },
    };

    [Theory]
    [MemberData(nameof(Processes))]
    public void AProcess_StartsFromItsImageWithSettingsThatTheCodeKnows(string service, string image)
    {
        var node = _compose["services"][service];
        Assert.Equal($"deploy/docker/{image}.Dockerfile", node.At("build/dockerfile").Text);
        Assert.Equal(Repository.Root, Repository.PathOf("deploy", node.At("build/context").Text!));
        Assert.True(File.Exists(Repository.PathOf("deploy", "docker", $"{image}.Dockerfile")));

        var options = Settings(service);
        Assert.StartsWith("redis:6379,", options.Cluster.Redis, StringComparison.Ordinal);
        Assert.Equal("http://qdrant:6334", options.Qdrant.Url);
        Assert.Equal([("admin", true), ("metrics", false)], options.ApiKeys.Select(key => (key.Id, key.Admin)));
    }

    [Theory]
    [MemberData(nameof(Processes))]
    public void AProcess_IsLeftTheTimeToDrain(string service, string image)
    {
        var grace = TimeSpan.FromSeconds(int.Parse(_compose["services"][service]["stop_grace_period"].Text!.TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(grace > Settings(service).Gateway.DrainTimeout + LeaveTime, $"{image} is killed after {grace}.");
    }

    [Fact]
    public void EveryService_IsHardenedAndDependsOnOthersThatExist()
    {
        var services = _compose["services"].Members.ToDictionary();
        Assert.All(services, service =>
        {
            Assert.Equal("true", service.Value["read_only"].Text);
            Assert.Equal(["ALL"], service.Value["cap_drop"].Texts);
            Assert.Equal(["no-new-privileges:true"], service.Value["security_opt"].Texts);
            Assert.All(service.Value["depends_on"].Members, needed => Assert.True(services[needed.Key]["healthcheck"].Exists, needed.Key));
        });
    }

    [Fact]
    public void EveryMount_HasASource()
    {
        var volumes = _compose["volumes"].Members.Select(volume => volume.Key).ToHashSet();
        Assert.All(_compose["services"].Members.SelectMany(service => service.Value["volumes"].Texts), mount =>
        {
            var source = mount.Split(':')[0];
            Assert.True(source.StartsWith('.') ? Path.Exists(Repository.PathOf("deploy", source)) : volumes.Contains(source), mount);
        });
    }

    [Fact]
    public void EveryVariableThatIsAskedFor_IsInTheExample()
    {
        var asked = Variable().Matches(Repository.Read("deploy", "compose.yaml")).Select(match => match.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal);
        var example = Repository.Read("deploy", ".env.example").Split('\n').Where(line => line.EndsWith('=')).Select(line => line[..^1]).Order(StringComparer.Ordinal);
        Assert.Equal(asked, example);
    }

    [Fact]
    public void Redis_WritesToDiskBeforeItAcknowledgesAndEvictsNothing()
    {
        var command = string.Join(' ', _compose.At("services/redis/command").Texts);
        Assert.Contains("--appendonly yes", command, StringComparison.Ordinal);
        Assert.Contains("--appendfsync always", command, StringComparison.Ordinal);
        Assert.Contains("--maxmemory-policy noeviction", command, StringComparison.Ordinal);
    }

    [Fact]
    public void TheCollector_UsesOnlyWhatItDefinesAndLooksAtRoutesThatExist()
    {
        var config = Yaml.ReadAll(Repository.PathOf("deploy", "collector", "config.yaml")).Single();
        foreach (var pipeline in config.At("service/pipelines").Members)
        {
            foreach (var kind in new[] { "receivers", "processors", "exporters" })
                Assert.All(pipeline.Value[kind].Texts, name => Assert.True(config[kind][name].Exists, $"{pipeline.Key}: {name}"));
        }

        Assert.All(config.At("receivers/httpcheck/targets").Items, target =>
        {
            var address = new Uri(target["endpoint"].Text!);
            var image = _compose["services"][address.Host].At("build/dockerfile").Text!.Split('/')[^1].Split('.')[0];
            Routes.AssertMapped(image, address.AbsolutePath);
            Assert.Equal(image == "silo" ? 8081 : 8080, address.Port);
        });
    }

    private OrleansChatOptions Settings(string service)
    {
        var environment = _compose["services"][service]["environment"].Members
            .ToDictionary(variable => variable.Key, variable => Variable().Replace(variable.Value.Text!, static asked => $"secret-of-{asked.Groups["name"].Value}"));
        return DeployedSettings.Read(environment, Repository.Read("deploy", "orleanschat.json"));
    }

    [GeneratedRegex(@"\$\{(?<name>\w+):\?[^}]*\}")]
    private static partial Regex Variable();
}
