namespace OrleansChat.Deploy.Tests;

public sealed class YamlTests
{
    public static TheoryData<string> Files => new(Yaml.FilesIn(Repository.PathOf("deploy")).Concat(Yaml.FilesIn(Repository.PathOf(".github")))
        .Select(file => Path.GetRelativePath(Repository.Root, file)));

    [Theory]
    [MemberData(nameof(Files))]
    public void AYamlFile_Parses(string file)
    {
        var documents = Yaml.ReadAll(Repository.PathOf(file));
        Assert.NotEmpty(documents);
        Assert.All(documents, document => Assert.NotEmpty(document.Members));
    }

    [Fact]
    public void TheQdrantThatIsTested_IsTheOneThatIsDeployed()
    {
        var tested = Yaml.ReadAll(Repository.PathOf(".github", "workflows", "ci.yml")).Single().At("jobs/test/services/qdrant/image").Text!;
        var deployed = Yaml.FilesIn(Repository.PathOf("deploy")).SelectMany(Yaml.ReadAll).SelectMany(document => document.All())
            .Select(node => node["image"].Text).OfType<string>().Where(image => image.StartsWith("qdrant/", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(deployed);
        Assert.All(deployed, image => Assert.Equal($"{tested}-unprivileged", image));
    }
}
