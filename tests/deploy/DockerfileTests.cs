using System.Text.RegularExpressions;

namespace OrleansChat.Deploy.Tests;

public sealed partial class DockerfileTests
{
    public static TheoryData<string> Images => [.. ImageNames];

    private static IEnumerable<string> ImageNames =>
        Directory.GetFiles(Repository.PathOf("deploy", "docker"), "*.Dockerfile").Select(file => Path.GetFileName(file).Split('.')[0]).Order(StringComparer.Ordinal);

    [Fact]
    public void EveryExecutable_HasAnImage() => Assert.Equal(["client-gateway", "silo", "standalone"], ImageNames);

    [Theory]
    [MemberData(nameof(Images))]
    public void AnImage_IsBuiltFromItsProjectAndAllThatItReferences(string image)
    {
        var lines = Lines(image);
        Assert.Contains($"RUN dotnet restore {image}", lines);
        Assert.Contains(lines, line => line.StartsWith($"RUN dotnet publish {image} ", StringComparison.Ordinal));
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1])
            .ToHashSet(StringComparer.Ordinal);
        Assert.All(copied, source => Assert.True(Path.Exists(Repository.PathOf(source)), source));
        Assert.All(Repository.ProjectsOf(image), project =>
        {
            Assert.Contains($"{project}/", copied);
            Assert.Contains(Path.GetRelativePath(Repository.Root, Repository.ProjectFile(project)), copied);
        });
        Assert.All(copied, source => Assert.True(IsInContext(source.Split('/')[0]), $"{source} is left out by .dockerignore"));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void AnImage_RunsItsProjectAsAnOrdinaryUserAndTellsItsHealth(string image)
    {
        var final = Lines(image).SkipWhile(line => !line.EndsWith(" AS final", StringComparison.Ordinal)).ToArray();
        Assert.Contains("USER $APP_UID", final);
        Assert.Contains($"ENTRYPOINT [\"dotnet\", \"{Path.GetFileNameWithoutExtension(Repository.ProjectFile(image))}.dll\"]", final);

        var health = Health().Match(final.Single(line => line.StartsWith("HEALTHCHECK", StringComparison.Ordinal)));
        var exposed = final.Single(line => line.StartsWith("EXPOSE ", StringComparison.Ordinal)).Split(' ')[1..];
        Assert.Contains(health.Groups["port"].Value, exposed);
        Routes.AssertMapped(image, health.Groups["path"].Value);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void AnImage_HasSettingsThatTheCodeKnowsAndPortsThatItOpens(string image)
    {
        var environment = Lines(image).Where(line => line.StartsWith("ENV ", StringComparison.Ordinal))
            .SelectMany(line => line[4..].Split(' '))
            .Select(variable => variable.Split('=', 2))
            .ToDictionary(variable => variable[0], variable => variable[1]);
        var options = DeployedSettings.Read(environment, """{ "OrleansChat": { "ApiKeys": [ { "Id": "k", "Secret": "a-secret" } ] } }""");
        string[] ports = image == "silo"
            ? [Port(options.Cluster.SiloUrls), $"{options.Cluster.SiloPort}", $"{options.Cluster.GatewayPort}"]
            : [Port(options.Urls)];
        Assert.Equal(ports, Lines(image).Single(line => line.StartsWith("EXPOSE ", StringComparison.Ordinal)).Split(' ')[1..]);
    }

    private static string Port(string url) => url[(url.LastIndexOf(':') + 1)..];

    private static string[] Lines(string image) => Repository.Read("deploy", "docker", $"{image}.Dockerfile").Split('\n');

    private static bool IsInContext(string entry) => Repository.Read(".dockerignore").Split('\n').Contains($"!{entry}");

    [GeneratedRegex(@"http://127\.0\.0\.1:(?<port>\d+)(?<path>/\w+)")]
    private static partial Regex Health();
}
