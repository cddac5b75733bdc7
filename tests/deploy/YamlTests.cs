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
}
