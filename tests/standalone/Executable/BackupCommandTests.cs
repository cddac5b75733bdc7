using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Executable;

public sealed class BackupCommandTests : IDisposable
{
    private readonly TemporaryFolder _here = new();
    private readonly TemporaryFolder _elsewhere = new();

    public void Dispose()
    {
        _here.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task Backup_TakenUnderLoadAndRestoredElsewhere_HasAllThatWasAcknowledgedBefore()
    {
        var file = Path.Combine(_elsewhere.Path, "backup.tar");
        string[] before;
        await using (var server = await ServerProcess.StartAsync(_here.Path))
        {
            var made = new ConcurrentQueue<string>();
            using var stop = new CancellationTokenSource();
            var writers = Enumerable.Range(0, 4).Select(_ => MakeSessionsAsync(server.Http, made, stop.Token)).ToArray();
            await TestWait.UntilAsync(() => made.Count > 40);

            before = [.. made];
            var run = await ServerProcess.RunAsync(_here.Path, "backup", file, "--server", server.Http.BaseAddress!.ToString());
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            Assert.True(run.ExitCode == 0, run.Errors);
        }

        var restored = await ServerProcess.RunAsync(_elsewhere.Path, "restore", file, "--OrleansChat:DataDirectory=copy");
        Assert.True(restored.ExitCode == 0, restored.Errors);
        Assert.Contains("all checked", restored.Output, StringComparison.Ordinal);

        await using var copy = await ServerProcess.StartAsync(_elsewhere.Path, ["--OrleansChat:DataDirectory=copy"]);
        foreach (var id in before)
        {
            using var response = await copy.Http.GetAsync($"/api/sessions/{id}");
            Assert.Equal((id, HttpStatusCode.OK), (id, response.StatusCode));
        }
    }

    [Fact]
    public async Task Backup_WithoutAServer_FailsAndLeavesNoFileThatLooksWhole()
    {
        var run = await ServerProcess.RunAsync(_here.Path, "backup", "b.tar", "--server", "http://127.0.0.1:1");
        Assert.Equal(1, run.ExitCode);
        Assert.False(File.Exists(Path.Combine(_here.Path, "b.tar")));
    }

    private static async Task MakeSessionsAsync(HttpClient client, ConcurrentQueue<string> made, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var response = await client.PostAsJsonAsync("/api/sessions", new { title = "kept" }, CancellationToken.None);
            response.EnsureSuccessStatusCode();
            made.Enqueue((await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None)).GetProperty("id").GetString()!);
        }
    }
}
