using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Executable;

public sealed class ConfigCommandTests
{
    [Fact]
    public async Task Config_OfAFolderWithAFault_NamesItAndFails()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "orleanschat.json"), """{ "OrleansChat": { "Ulrs": "x", "DataDirectory": "here" } }""");

        var (validated, _, errors) = await ServerProcess.RunAsync(folder.Path, "config", "validate");
        Assert.Equal(1, validated);
        Assert.Contains("Did you mean 'Urls'?", errors, StringComparison.Ordinal);

        var (_, shown, _) = await ServerProcess.RunAsync(folder.Path, "config", "show", "--OrleansChat:Gateway:MaxJsonDepth=9");
        Assert.Contains("OrleansChat:DataDirectory = here", shown, StringComparison.Ordinal);
        Assert.Contains("OrleansChat:Gateway:MaxJsonDepth = 9  (the command line)", shown, StringComparison.Ordinal);

        var (listed, places, _) = await ServerProcess.RunAsync(folder.Path, "config", "precedence");
        Assert.Equal(0, listed);
        Assert.Contains("orleanschat.json: read", places, StringComparison.Ordinal);
    }
}
