using System.Net;
using System.Net.Sockets;
using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Executable;

public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_WithNothingConfigured_PrintsItsAddressAndAFirstCurl()
    {
        await using var server = await ServerProcess.StartAsync(_folder.Path);

        var ready = await server.Http.GetAsync("/ready");

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        await server.WaitForOutputAsync($"curl -s {server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}/chat");
    }

    [Fact]
    public async Task CtrlC_WithNothingRunning_EndsWithZero()
    {
        await using var server = await ServerProcess.StartAsync(_folder.Path);

        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Start_OnATakenPort_SaysSoAndEndsWithOne()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var run = await ServerProcess.RunAsync(_folder.Path, $"--OrleansChat:Urls=http://127.0.0.1:{port}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("address already in use", run.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("--OrleansChat:Urls=", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithWrongSettings_NamesEachWithKeyValueSourceAndRemedy()
    {
        var run = await ServerProcess.RunAsync(
            _folder.Path, "--OrleansChat:Gateway:MaxJsonDepth=deep", "--OrleansChat:Sesions:Passages=2");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("OrleansChat:Gateway:MaxJsonDepth = 'deep'", run.Errors, StringComparison.Ordinal);
        Assert.Contains("Sessions", run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "data")));
    }

    [Fact]
    public async Task Start_WithAnUnknownArgument_NamesIt()
    {
        var run = await ServerProcess.RunAsync(_folder.Path, "--prot=8081");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'--prot=8081' is not an option", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhileAnotherHoldsTheFolder_NamesTheProcess()
    {
        await using var first = await ServerProcess.StartAsync(_folder.Path);

        var second = await ServerProcess.RunAsync(_folder.Path, "--OrleansChat:Urls=http://127.0.0.1:0");

        Assert.Equal(1, second.ExitCode);
        Assert.Contains(Path.Combine(_folder.Path, "data"), second.Errors, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await first.Http.GetAsync("/live")).StatusCode);
    }

    [Fact]
    public async Task Start_WithADataFolderThatCannotBe_SaysSo()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "file"), "not a folder");

        var run = await ServerProcess.RunAsync(
            _folder.Path, "--OrleansChat:Urls=http://127.0.0.1:0", "--OrleansChat:DataDirectory=./file/data");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("file/data", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithADamagedJournal_NamesFileAndOffsetAndChangesNothing()
    {
        await using (var server = await ServerProcess.StartAsync(_folder.Path))
        {
            for (var session = 0; session < 3; session++)
                (await server.Http.PostAsync("/api/sessions", Json.Body("{}"))).EnsureSuccessStatusCode();

            Assert.Equal(0, await server.StopAsync());
        }

        var segment = Directory.GetFiles(Path.Combine(_folder.Path, "data"), "*", SearchOption.AllDirectories)
            .OrderByDescending(file => new FileInfo(file).Length).First();
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[bytes.Length / 3] ^= 0xFF;
        await File.WriteAllBytesAsync(segment, bytes);

        var run = await ServerProcess.RunAsync(_folder.Path, "--OrleansChat:Urls=http://127.0.0.1:0");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Path.GetFileName(segment), run.Errors, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(segment));
    }
}
