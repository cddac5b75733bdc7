using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary><c>mcp</c> as a local tool starts it, by the protocol's official .NET client.</summary>
public sealed class McpCommandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Mcp_AnswersOverStandardInputAndOutput()
    {
        using var folder = new TemporaryFolder();
        await using (var client = await ConnectAsync(folder.Path, "--OrleansChat:DataDirectory=data"))
        {
            var tools = await client.ListToolsAsync();
            Assert.Equal(["ask", "find_code", "search"], tools.Select(tool => tool.Name).Order(StringComparer.Ordinal));
            var answer = await client.CallToolAsync("search", new Dictionary<string, object?> { ["query"] = "anything" });
            Assert.True(answer.IsError);
            Assert.Contains("No document is indexed yet", Assert.IsType<TextContentBlock>(answer.Content[0]).Text, StringComparison.Ordinal);
        }

        Assert.True(Directory.Exists(Path.Combine(folder.Path, "data")));
    }

    [Fact]
    public async Task Mcp_WithAServer_PassesEverythingOnToIt()
    {
        using var folder = new TemporaryFolder();
        var documents = Directory.CreateDirectory(Path.Combine(folder.Path, "code"));
        await File.WriteAllTextAsync(Path.Combine(documents.FullName, "a.py"), "def greet(name):\n    return name\n");
        await using var server = await ServerProcess.StartAsync(folder.Path, ["--index", documents.FullName]);
        await server.WaitForOutputAsync("1 indexed");

        await using var client = await ConnectAsync(folder.Path, "--server", server.Http.BaseAddress!.ToString());
        var answer = await client.CallToolAsync("find_code", new Dictionary<string, object?> { ["query"] = "greet" });

        Assert.Equal("greet", answer.StructuredContent!.Value.GetProperty("hits")[0].GetProperty("symbol").GetString());
    }

    [Fact]
    public async Task Mcp_WithAWrongSetting_NamesItOnStandardError()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, _, errors) = await ServerProcess.RunAsync(folder.Path, "mcp", "--OrleansChat:Nonsense=1");
        Assert.Equal(1, exitCode);
        Assert.Contains("Nonsense", errors, StringComparison.Ordinal);
    }

    // With a version given, the client does not try newer ones against the clock while the process starts.
    private static Task<McpClient> ConnectAsync(string folder, params string[] arguments) => McpClient.CreateAsync(
        new StdioClientTransport(new StdioClientTransportOptions
        {
            Command = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet",
            Arguments = [Path.Combine(AppContext.BaseDirectory, "OrleansChat.Standalone.dll"), "mcp", .. arguments],
            WorkingDirectory = folder,
            EnvironmentVariables = new Dictionary<string, string?> { ["HOME"] = folder },
        }),
        new McpClientOptions { ProtocolVersion = "2025-11-25" }).WaitAsync(Patience);
}
