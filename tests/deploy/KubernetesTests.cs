using System.Globalization;
using OrleansChat.Core.Settings;

namespace OrleansChat.Deploy.Tests;

public sealed class KubernetesTests
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);
    private static readonly string Folder = Repository.PathOf("deploy", "kubernetes");

    private readonly Node[] _objects = [.. Yaml.FilesIn(Folder).SelectMany(Yaml.ReadAll)];

    public static TheoryData<string, string> Deployments => new() { { "silo", "silo" }, { "gateway", "client-gateway" } };

    [Fact]
    public void TheKustomization_ListsEveryFileButTheExample()
    {
        var listed = Of("Kustomization").Single()["resources"].Texts.Append("kustomization.yaml").Append("secret.example.yaml");
        Assert.Equal(Yaml.FilesIn(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void ADeployment_HasSettingsThatTheCodeKnowsAndPortsThatItOpens(string name, string image)
    {
        var container = Container(name);
        Assert.Equal($"orleanschat/{image}", container["image"].Text);
        var options = Settings(container);
        Assert.StartsWith("redis:6379,", options.Cluster.Redis, StringComparison.Ordinal);
        int[] open = name == "silo"
            ? [new Uri(options.Cluster.SiloUrls).Port, options.Cluster.SiloPort, options.Cluster.GatewayPort]
            : [new Uri(options.Urls).Port];
        Assert.Equal(open, container["ports"].Items.Select(port => Number(port["containerPort"])));
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void ADeployment_IsProbedAtRoutesThatExist(string name, string image)
    {
        var container = Container(name);
        var http = container["ports"].Items.Select(port => port["name"].Text).ToArray();
        foreach (var (probe, path) in new[] { ("livenessProbe", "/live"), ("startupProbe", "/live"), ("readinessProbe", "/ready") })
        {
            Assert.Equal(path, container[probe].At("httpGet/path").Text);
            Assert.Contains(container[probe].At("httpGet/port").Text, http);
            Routes.AssertMapped(image, path);
        }
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void ADeployment_DrainsBeforeItIsKilledAndIsReplacedOneAtATime(string name, string image)
    {
        var deployment = Named("Deployment", name);
        var pause = int.Parse(Container(name).At("lifecycle/preStop/exec/command").Texts.Last(), CultureInfo.InvariantCulture);
        var grace = TimeSpan.FromSeconds(Number(deployment.At("spec/template/spec/terminationGracePeriodSeconds")));
        var needed = TimeSpan.FromSeconds(pause) + Settings(Container(name)).Gateway.DrainTimeout + LeaveTime;
        Assert.True(grace > needed, $"{image} needs {needed} and is killed after {grace}.");
        Assert.Equal("0", deployment.At("spec/strategy/rollingUpdate/maxUnavailable").Text);
        Assert.Equal("1", Named("PodDisruptionBudget", name).At("spec/maxUnavailable").Text);
    }

    [Fact]
    public void EveryPod_RunsAsAnOrdinaryUserOnAReadOnlyFileSystem() => Assert.All(Workloads(), workload =>
    {
        var pod = workload.At("spec/template/spec");
        Assert.Equal("true", pod.At("securityContext/runAsNonRoot").Text);
        Assert.Equal("false", pod["automountServiceAccountToken"].Text);
        Assert.All(pod["containers"].Items, container =>
        {
            Assert.Equal("true", container.At("securityContext/readOnlyRootFilesystem").Text);
            Assert.Equal("false", container.At("securityContext/allowPrivilegeEscalation").Text);
            Assert.Equal(["ALL"], container.At("securityContext/capabilities/drop").Texts);
            Assert.True(container.At("resources/requests/cpu").Exists);
        });
    });

    [Fact]
    public void EverySelector_MeetsPods()
    {
        var apps = Workloads().Select(workload => workload.At("spec/template/metadata/labels/app").Text!).ToHashSet(StringComparer.Ordinal);
        var selected = _objects.SelectMany(one => one.All()).SelectMany(node => new[] { node.At("matchLabels/app").Text, node.At("selector/app").Text }).OfType<string>()
            .Concat(_objects.SelectMany(one => one.All()).SelectMany(node => node["matchExpressions"].Items).SelectMany(rule => rule["values"].Texts))
            .ToArray();
        Assert.NotEmpty(selected);
        Assert.All(selected, app => Assert.Contains(app, apps));
        Assert.All(Of("HorizontalPodAutoscaler"), scaler => Named("Deployment", scaler.At("spec/scaleTargetRef/name").Text!));
        Assert.All(Workloads().Where(workload => workload["kind"].Text == "StatefulSet"), set => Named("Service", set.At("spec/serviceName").Text!));
    }

    [Fact]
    public void EveryPortThatIsLetThrough_IsOpenedBySomebody()
    {
        foreach (var policy in Of("NetworkPolicy").Where(policy => policy.At("spec/podSelector/matchLabels/app").Exists))
        {
            var app = policy.At("spec/podSelector/matchLabels/app").Text;
            var open = Workloads().Single(workload => workload.At("metadata/name").Text == app).At("spec/template/spec/containers").Items
                .SelectMany(container => container["ports"].Items).Select(port => port["containerPort"].Text);
            Assert.All(policy.At("spec/ingress").Items.SelectMany(rule => rule["ports"].Items), port => Assert.Contains(port["port"].Text, open));
        }
    }

    [Fact]
    public void Redis_WritesToDiskBeforeItAcknowledgesAndEvictsNothing()
    {
        var arguments = string.Join(' ', Named("StatefulSet", "redis").At("spec/template/spec/containers").Items.Single()["args"].Texts);
        Assert.Contains("--appendonly yes --appendfsync always --maxmemory-policy noeviction", arguments, StringComparison.Ordinal);
    }

    private IEnumerable<Node> Of(string kind) => _objects.Where(one => one["kind"].Text == kind);

    private Node Named(string kind, string name) => Of(kind).Single(one => one.At("metadata/name").Text == name);

    private IEnumerable<Node> Workloads() => Of("Deployment").Concat(Of("StatefulSet"));

    private Node Container(string deployment) => Named("Deployment", deployment).At("spec/template/spec/containers").Items.Single();

    private static int Number(Node node) => int.Parse(node.Text!, CultureInfo.InvariantCulture);

    private OrleansChatOptions Settings(Node container)
    {
        var environment = container["env"].Items.ToDictionary(variable => variable["name"].Text!, Value);
        var mount = container["volumeMounts"].Items.Single(one => one["mountPath"].Text == "/etc/orleanschat")["name"].Text;
        var volume = Workloads().SelectMany(workload => workload.At("spec/template/spec/volumes").Items).First(one => one["name"].Text == mount);
        return DeployedSettings.Read(environment, Named("ConfigMap", volume.At("configMap/name").Text!).At("data/orleanschat.json").Text);
    }

    private string Value(Node variable)
    {
        if (variable["value"].Text is { } literal)
            return literal;
        if (variable.At("valueFrom/secretKeyRef") is { Exists: true } secret)
            return Named("Secret", secret["name"].Text!)["stringData"][secret["key"].Text!].Text ?? throw new InvalidOperationException($"No secret {secret["key"].Text}.");
        Assert.Equal("status.podIP", variable.At("valueFrom/fieldRef/fieldPath").Text);
        return "10.0.0.5";
    }
}
