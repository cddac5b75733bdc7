using System.Net.Http.Headers;
using System.Text;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.GatewayApi.Tests.Fuzzing;

/// <summary>Nothing that a client sends is answered with a fault of the server, and the server goes on answering.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Requests = 1_500;
    private const int MaxBytes = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task AnyBodyOnAnyRoute_IsNeverAServerError()
    {
        var random = Seed.Print(output);
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions
        {
            Gateway = new GatewayOptions { MaxRequestBytes = MaxBytes, MaxJsonDepth = 16 },
        });
        await host.Client.PutAsync("/api/collections/docs", null);
        var session = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString()!;
        var untouched = (await host.PostAsync("/api/sessions", new { })).GetProperty("id").GetString();
        var requests = new FuzzedRequests(random, session);

        for (var i = 0; i < Requests; i++)
        {
            var (method, path, body, type) = requests.Next();
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (body is not null)
            {
                // The server answers before it has read what it will not take, and then closes; the next request needs a connection of its own.
                request.Headers.ConnectionClose = body.Length > MaxBytes;
                request.Content = new ByteArrayContent(body);
                request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
            }

            using var patience = new CancellationTokenSource(Patience);
            using var response = await SendAsync(host, request, body?.Length > MaxBytes, patience.Token);
            if (response is null)
                continue;
            var answer = await response.Content.ReadAsStringAsync(patience.Token);
            var sent = $"request {i}: {method} {path} {type} {(body is null ? "" : Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(500, body.Length))))}";
            Assert.True((int)response.StatusCode < 500 && host.Faults.All.Count == 0, $"{sent}\n{(int)response.StatusCode} {answer}\n{string.Join('\n', host.Faults.All)}");
            if ((int)response.StatusCode >= 400)
                Assert.Contains("json", response.Content.Headers.ContentType?.MediaType, StringComparison.Ordinal);
        }

        Assert.Equal(untouched, (await host.GetAsync($"/api/sessions/{untouched}")).GetProperty("id").GetString());
    }

    /// <summary>Sends a request; null where its body is too large and the server has closed before the client was done sending.</summary>
    private static async Task<HttpResponseMessage?> SendAsync(
        GatewayHost host, HttpRequestMessage request, bool isTooLarge, CancellationToken cancellationToken)
    {
        try
        {
            return await host.Client.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException) when (isTooLarge)
        {
            return null;
        }
    }
}
