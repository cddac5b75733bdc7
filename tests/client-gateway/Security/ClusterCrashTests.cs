using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using OrleansChat.ClientGateway.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Security;

public sealed class ClusterCrashTests
{
    private const string Canary = "canary-61d2";

    [Theory]
    [InlineData(ExecutableProcess.Gateway, "/v1/models")]
    [InlineData(ExecutableProcess.Silo, "/health")]
    public async Task Crash_ByAFaultThatNobodyHandles_SaysWhatItWas_AndNoSecret(string executable, string path)
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-crash-");
        var crash = Path.Combine(folder.FullName, "crash");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "secret"), $"{Canary}-file");
        var url = $"http://127.0.0.1:{Number(FreePorts.Next())}";
        string[] settings =
        [
            $"Urls={url}", $"Cluster:SiloUrls={url}", $"Cluster:SiloPort={Number(FreePorts.Next())}", $"Cluster:GatewayPort={Number(FreePorts.Next())}",
            "ApiKeys:0:Id=literal", $"ApiKeys:0:Secret={Canary}-literal", "ApiKeys:0:Admin=true", "ApiKeys:1:Id=env", "ApiKeys:1:Secret=env:CANARY_SECRET",
            "ApiKeys:2:Id=file", $"ApiKeys:2:Secret=file:{Path.Combine(folder.FullName, "secret")}", $"Cluster:Redis=127.0.0.1:1,password={Canary}-redis",
            "Upstreams:0:Id=gone", "Upstreams:0:BaseUrl=http://127.0.0.1:1", $"Upstreams:0:ApiKey={Canary}-upstream", "Models:0:Id=default", "Models:0:Route:0=gone/model", "Logging:Level=Debug",
        ];
        var variables = new Dictionary<string, string>
        {
            ["CANARY_SECRET"] = $"{Canary}-env",
            ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location,
            [StartupHook.FileVariable] = crash,
        };
        await using (var process = ExecutableProcess.Start(executable, folder.FullName, variables, ["--local", .. settings.Select(setting => $"--OrleansChat:{setting}")]))
        {
            // It says much, and goes on only while somebody reads.
            var end = process.EndAsync();
            using var http = new HttpClient { BaseAddress = new Uri(url) };
            await LocalCluster.WaitForAsync(http, "/live", HttpStatusCode.OK);
            foreach (var key in (string[])["literal", "env", "file", "wrong"])
            {
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"{Canary}-{key}");
                await TestWait.UntilAsync(() => IsAnsweredAsync(http, path));
            }

            await File.WriteAllTextAsync(crash, "");
            var (exitCode, output, errors) = await end;

            Assert.NotEqual(0, exitCode);
            Assert.Contains("A fault that nobody handles.", errors, StringComparison.Ordinal);
            Assert.DoesNotContain(Canary, output, StringComparison.Ordinal);
            Assert.DoesNotContain(Canary, errors, StringComparison.Ordinal);
        }

        folder.Delete(recursive: true);
    }

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether there is an answer, whatever it is: a gateway has no silo here.</summary>
    private static async Task<bool> IsAnsweredAsync(HttpClient http, string path)
    {
        try
        {
            using var response = await http.GetAsync(path);
            Assert.DoesNotContain(Canary, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
