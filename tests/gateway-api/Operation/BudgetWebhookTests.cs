using System.Security.Cryptography;
using System.Text;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Operation;

/// <summary>The thresholds of a budget, from a request to the receiver of the webhook.</summary>
public sealed class BudgetWebhookTests
{
    private const string Signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Thresholds_ArePostedOnceEach_SignedAndInOrder()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var receiver = await ScriptedUpstream.StartAsync();
        receiver.Fallback = static _ => Reply.Raw(200, "text/plain", "");
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions
        {
            ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a", Budget = new BudgetOptions { Usd = 1, Window = BudgetWindow.Total, Thresholds = [50, 90] } }],
            BudgetAlerts = new BudgetAlertOptions { Webhook = $"{receiver.BaseUrl}/hook", Secret = Signing },
        }));

        foreach (var microUsd in new[] { 400_000, 200_000, 100_000, 250_000, 10_000 })
        {
            upstream.Enqueue(Reply.Text("Hi").WithUsage(microUsd, 0));
            using var response = await host.SendAsync(
                HttpMethod.Post, "/v1/chat/completions", "sk-a", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
            Assert.True(response.IsSuccessStatusCode);
        }

        RecordedRequest[] told = [await receiver.NextRequestAsync().AsTask().WaitAsync(Patience), await receiver.NextRequestAsync().AsTask().WaitAsync(Patience)];
        Assert.Equal([50, 90], told.Select(request => request.Body.GetProperty("data").GetProperty("percent").GetInt32()));
        Assert.Equal(2, told.Select(request => request.Headers["webhook-id"]).Distinct().Count());
        Assert.All(told, request =>
        {
            Assert.Equal("key:a", request.Body.GetProperty("data").GetProperty("scope").GetString());
            Assert.True(WebhookSecret.TryRead(Signing, out var key));
            var signed = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}.{request.Text}"));
            Assert.Equal($"v1,{Convert.ToBase64String(signed)}", request.Headers["webhook-signature"]);
        });

        // A stop in order tells what is untold, and there is nothing.
        await host.StopAsync();
        Assert.Equal(2, receiver.Requests.Count);
    }
}
