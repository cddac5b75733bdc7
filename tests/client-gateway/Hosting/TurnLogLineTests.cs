using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>A turn is logged where it runs, by what it is found by from the gateway's log and the answer: its trace and its id.</summary>
public sealed class TurnLogLineTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Failed = "failed after";
    private const string Completed = "Completed in";

    [Theory]
    [InlineData("default", Failed, "failed")]
    [InlineData("builtin", Completed, "completed")]
    public async Task Silo_TellsOfATurn_WithItsIdItsTraceAndItsDuration(string model, string said, string status)
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-log-");
        var url = $"http://127.0.0.1:{Number(FreePorts.Next())}";
        string[] settings =
        [
            $"Urls={url}", $"Cluster:SiloUrls=http://127.0.0.1:{Number(FreePorts.Next())}", $"Cluster:SiloPort={Number(FreePorts.Next())}", $"Cluster:GatewayPort={Number(FreePorts.Next())}",
            "Logging:Json=true", "Telemetry:OtlpEndpoint=http://127.0.0.1:1", "Telemetry:OtlpProtocol=HttpProtobuf", "Gateway:MaxLag=00:00:00", "Gateway:MaxSlowdown=0",
            "Upstreams:0:Id=gone", $"Upstreams:0:BaseUrl=http://127.0.0.1:{Number(FreePorts.Next())}", "Upstreams:0:MaxRetries=0",
            "Models:0:Id=default", "Models:0:Route:0=gone/m", "Models:1:Id=builtin", "Models:1:Route:0=builtin/extractive",
        ];
        string[] arguments = ["--local", .. settings.Select(setting => $"--OrleansChat:{setting}")];

        // Nobody reads what the gateway says, which is asked very often whether it is ready.
        await using (var silo = ExecutableProcess.Start(ExecutableProcess.Silo, folder.FullName, new Dictionary<string, string>(), [.. arguments, "--OrleansChat:Logging:Requests=true"]))
        await using (ExecutableProcess.Start(ExecutableProcess.Gateway, folder.FullName, new Dictionary<string, string>(), arguments))
        {
            using var http = new HttpClient { BaseAddress = new Uri(url), DefaultRequestHeaders = { { "traceparent", $"00-{Trace}-b7ad6b7169203331-01" } } };
            await LocalCluster.WaitForAsync(http, "/ready", HttpStatusCode.OK);
            var session = (await PostAsync(http, "/api/sessions", new { model })).GetProperty("id").GetString()!;
            await PostAsync(http, $"/api/sessions/{session}/turns", new { message = "Hi" });

            var line = JsonElement.Parse(await silo.WaitForLineAsync(session, said));

            Assert.Equal(Trace, line.GetProperty("TraceId").GetString());
            var properties = line.GetProperty("Properties");
            Assert.Equal(session, properties.GetProperty("Session").GetString());
            var known = await http.GetFromJsonAsync<JsonElement>($"/api/sessions/{session}/turns/{properties.GetProperty("Turn").GetString()}");
            Assert.Equal(status, known.GetProperty("status").GetString());
            Assert.InRange(properties.GetProperty("ElapsedMs").GetDouble(), double.Epsilon, double.MaxValue);
            if (said == Failed)
                Assert.Equal(("Warning", "upstream_unavailable"), (line.GetProperty("Level").GetString(), properties.GetProperty("Code").GetString()));
        }

        folder.Delete(recursive: true);
    }

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, object body)
    {
        using var response = await http.PostAsJsonAsync(path, body);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }
}
