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
        await using var upstream = await ScriptedUpstream.StartAsync();
        string[] settings =
        [
            "--OrleansChat:Upstreams:0:Id=scripted", $"--OrleansChat:Upstreams:0:BaseUrl={upstream.BaseUrl}", "--OrleansChat:Models:0:Id=default",
            "--OrleansChat:Models:0:Route:0=scripted/scripted-model", "--OrleansChat:Models:0:InputUsdPerMillion=1", "--OrleansChat:Models:0:OutputUsdPerMillion=2",
        ];
        AcknowledgedWork before;
        await using (var server = await ServerProcess.StartAsync(_here.Path, settings))
        {
            var load = new BackupLoad(server.Http);
            using var stop = new CancellationTokenSource();
            var writing = load.WriteAsync(stop.Token);
            await TestWait.UntilAsync(() => writing.IsCompleted || (load.Turns > 20 && load.Documents > 10));

            before = await load.SoFarAsync();
            var run = await ServerProcess.RunAsync(_here.Path, "backup", file, "--server", server.Http.BaseAddress!.ToString());
            await stop.CancelAsync();
            await writing;
            Assert.True(run.ExitCode == 0, run.Errors);
        }

        var restored = await ServerProcess.RunAsync(_elsewhere.Path, "restore", file, "--OrleansChat:DataDirectory=copy");
        Assert.True(restored.ExitCode == 0, restored.Errors);
        Assert.Contains("every byte is read and checked; records in force: ", restored.Output, StringComparison.Ordinal);

        await using var copy = await ServerProcess.StartAsync(_elsewhere.Path, ["--OrleansChat:DataDirectory=copy", .. settings]);
        await BackupLoad.CheckAsync(copy.Http, before);
    }

    [Fact]
    public async Task Backup_WithoutAServer_FailsAndLeavesNoFileThatLooksWhole()
    {
        var run = await ServerProcess.RunAsync(_here.Path, "backup", "b.tar", "--server", "http://127.0.0.1:1");
        Assert.Equal(1, run.ExitCode);
        Assert.False(File.Exists(Path.Combine(_here.Path, "b.tar")));
    }
}
