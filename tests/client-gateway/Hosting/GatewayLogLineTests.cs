using System.Globalization;
using System.Net;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Hosting;

public sealed class GatewayLogLineTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task ARequestsLine_HasItsCorrelationIdItsTraceAndItsDuration()
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-log-");
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Next()}");
        string[] settings = [$"Urls={url}", "Logging:Json=true", "Logging:Requests=true", $"Cluster:GatewayPort={FreePorts.Next()}"];
        await using (var gateway = ExecutableProcess.Start(
            ExecutableProcess.Gateway, folder.FullName, new Dictionary<string, string>(), ["--local", .. settings.Select(setting => $"--OrleansChat:{setting}")]))
        {
            using var http = new HttpClient { BaseAddress = new Uri(url), DefaultRequestHeaders = { { "X-Correlation-ID", "known-request" }, { "traceparent", $"00-{Trace}-b7ad6b7169203331-01" } } };
            await LocalCluster.WaitForAsync(http, "/live", HttpStatusCode.OK);

            var line = JsonElement.Parse(await gateway.WaitForLineAsync("known-request", "/live"));

            var properties = line.GetProperty("Properties");
            Assert.Equal((Trace, "known-request"), (line.GetProperty("TraceId").GetString(), properties.GetProperty("CorrelationId").GetString()));
            Assert.Equal(("GET", "/live", 200), (properties.GetProperty("Method").GetString(), properties.GetProperty("Route").GetString(), properties.GetProperty("Status").GetInt32()));
            Assert.InRange(properties.GetProperty("ElapsedMs").GetDouble(), double.Epsilon, double.MaxValue);
        }

        folder.Delete(recursive: true);
    }
}
