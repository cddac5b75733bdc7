using System.Net.Http.Headers;
using System.Net.Http.Json;
using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Executable;

public sealed class CrashTests
{
    private const string Canary = "canary-4e7b";

    [Fact]
    public async Task Crash_ByAFaultThatNobodyHandles_SaysWhatItWas_AndNoSecret()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "secret"), $"{Canary}-file");
        var crash = Path.Combine(folder.Path, "crash");
        await using var server = await ServerProcess.StartAsync(
            folder.Path,
            [
                "--OrleansChat:ApiKeys:0:Id=literal", $"--OrleansChat:ApiKeys:0:Secret={Canary}-literal", "--OrleansChat:ApiKeys:0:Admin=true",
                "--OrleansChat:ApiKeys:1:Id=env", "--OrleansChat:ApiKeys:1:Secret=env:CANARY_SECRET",
                "--OrleansChat:ApiKeys:2:Id=file", $"--OrleansChat:ApiKeys:2:Secret=file:{Path.Combine(folder.Path, "secret")}",
                "--OrleansChat:Upstreams:0:Id=gone", "--OrleansChat:Upstreams:0:BaseUrl=http://127.0.0.1:1", $"--OrleansChat:Upstreams:0:ApiKey={Canary}-upstream",
                "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route:0=gone/model", "--OrleansChat:Logging:Level=Trace",
            ],
            new Dictionary<string, string>
            {
                ["CANARY_SECRET"] = $"{Canary}-env",
                ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location,
                [StartupHook.FileVariable] = crash,
            });
        foreach (var key in (string[])["literal", "env", "file", "wrong"])
        {
            server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"{Canary}-{key}");
            using var answer = await server.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
            Assert.DoesNotContain(Canary, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(crash, "");
        Assert.NotEqual(0, await server.ExitAsync());

        Assert.Contains("A fault that nobody handles.", server.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, server.Errors, StringComparison.Ordinal);
    }
}
