namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>The executables of the cluster read and show settings as the standalone one does, by the same rules.</summary>
public sealed class ConfigCommandTests : IDisposable
{
    private const string Secret = "canary-7c1d";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleanschat-config-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(ExecutableProcess.Gateway)]
    [InlineData(ExecutableProcess.Silo)]
    public async Task Show_NamesEveryValueWithItsSource_AndMasksSecrets(string executable)
    {
        Write($$"""{ "ApiKeys": [ { "Id": "ann", "Secret": "{{Secret}}" } ], "Gateway": { "MaxWaiting": 77 } }""");

        var (code, output, errors) = await RunAsync(executable, "show", "--OrleansChat:Gateway:MaxJsonDepth=9");

        Assert.Equal((0, ""), (code, errors));
        var lines = output.Split(Environment.NewLine);
        Assert.Contains("OrleansChat:Gateway:MaxJsonDepth = 9  (the command line)", lines);
        Assert.Contains("OrleansChat:Gateway:MaxInFlight = 88  (the variable ORLEANSCHAT__GATEWAY__MAXINFLIGHT)", lines);
        Assert.Contains("OrleansChat:Gateway:DrainTimeout = 00:00:20  (the default)", lines);
        Assert.Contains(lines, line => line.StartsWith("OrleansChat:Gateway:MaxWaiting = 77  (", StringComparison.Ordinal) && line.EndsWith("orleanschat.json)", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("OrleansChat:ApiKeys:0:Secret = ***  (", StringComparison.Ordinal));
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExecutableProcess.Gateway)]
    [InlineData(ExecutableProcess.Silo)]
    public async Task Validate_NamesEveryFault_OrThatThereIsNone(string executable)
    {
        var (fine, output, errors) = await RunAsync(executable, "validate");
        Assert.Equal((0, "The settings are without fault.", ""), (fine, output.TrimEnd(), errors));

        Write("""{ "Ulrs": "x" }""");
        var (code, nothing, faults) = await RunAsync(executable, "validate", "--OrleansChat:Gateway:MaxJsonDepth=many");
        Assert.Equal((1, ""), (code, nothing));
        Assert.Contains("Did you mean 'Urls'?", faults, StringComparison.Ordinal);
        Assert.Contains("OrleansChat:Gateway:MaxJsonDepth", faults, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExecutableProcess.Gateway)]
    [InlineData(ExecutableProcess.Silo)]
    public async Task Precedence_NamesEveryPlaceHighestFirst_AndNoValue(string executable)
    {
        Write("{}");

        var (code, output, errors) = await RunAsync(executable, "precedence", $"--OrleansChat:Cluster:Redis={Secret}");

        Assert.Equal((0, ""), (code, errors));
        var lines = output.Split(Environment.NewLine);
        Assert.Equal("1. the command line: --OrleansChat:Cluster:Redis", lines[0]);
        Assert.Equal("2. the environment: ORLEANSCHAT__GATEWAY__MAXINFLIGHT", lines[1]);
        Assert.StartsWith("3. ", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("orleanschat.json: read", lines[2], StringComparison.Ordinal);
        Assert.EndsWith(". the defaults", output.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExecutableProcess.Gateway)]
    [InlineData(ExecutableProcess.Silo)]
    public async Task AnotherVerb_IsRefusedWithThoseThatAreKnown(string executable)
    {
        var (code, _, errors) = await RunAsync(executable, "dance");
        Assert.Equal((1, "'dance' is not known. Use one of: show, validate, precedence, schema."), (code, errors.TrimEnd()));
    }

    private void Write(string section) => File.WriteAllText(Path.Combine(_folder.FullName, "orleanschat.json"), $$"""{ "OrleansChat": {{section}} }""");

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string executable, params string[] arguments)
    {
        var variables = new Dictionary<string, string> { ["ORLEANSCHAT__GATEWAY__MAXINFLIGHT"] = "88" };
        await using var process = ExecutableProcess.Start(executable, _folder.FullName, variables, ["config", .. arguments]);
        return await process.EndAsync();
    }
}
