using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Settings;
using OrleansChat.Providers.Alerts;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Alerts;

public sealed class WebhookChannelTests : IDisposable
{
    // The example of the specification's reference libraries.
    private const string Base64Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly BudgetAlert Alert = new(
        "budget_1", "team:red", 80, 800_000_000, 1_000_000_000, BudgetWindow.Month,
        new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2030, 2, 1, 0, 0, 0, TimeSpan.Zero),
        new DateTimeOffset(2030, 1, 9, 8, 7, 6, TimeSpan.Zero));

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly FakeClock _clock = new();
    private readonly string _address;

    public WebhookChannelTests()
    {
        _listener.Start();
        _address = $"http://{_listener.LocalEndpoint}/hook";
    }

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData(Base64Secret)]
    [InlineData("a plain secret")]
    public async Task Send_PostsTheEvent_SignedOverIdTimeAndBody(string secret)
    {
        using var channel = Channel(secret);
        var sending = channel.SendAsync(Alert, default).AsTask();
        var (headers, body) = await AnswerAsync(200);
        await sending;

        var data = JsonElement.Parse(body).GetProperty("data");
        Assert.Equal(("team:red", 80, 0.8m, 1m, "month"), (
            data.GetProperty("scope").GetString(), data.GetProperty("percent").GetInt32(), data.GetProperty("spentUsd").GetDecimal(),
            data.GetProperty("limitUsd").GetDecimal(), data.GetProperty("window").GetString()));
        Assert.Equal("budget.threshold_reached", JsonElement.Parse(body).GetProperty("type").GetString());
        Assert.Equal(("budget_1", $"{_clock.GetUtcNow().ToUnixTimeSeconds()}"), (headers["webhook-id"], headers["webhook-timestamp"]));
        Assert.True(WebhookSecret.TryRead(secret, out var key));
        var signed = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}"));
        Assert.Equal($"v1,{Convert.ToBase64String(signed)}", headers["webhook-signature"]);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(302)] // would lead elsewhere
    [InlineData(410)]
    public async Task Send_AnsweredByAnythingButSuccess_Fails(int status)
    {
        using var channel = Channel("secret");
        var sending = channel.SendAsync(Alert, default).AsTask();
        await AnswerAsync(status);

        await Assert.ThrowsAsync<HttpRequestException>(() => sending);
    }

    [Fact]
    public async Task Send_WithoutAnAddress_DoesNothing()
    {
        using var channel = new WebhookChannel(new BudgetAlertOptions(), _clock);

        await channel.SendAsync(Alert, default);
    }

    [Fact]
    public void Secret_OfBase64_IsItsBytes()
    {
        Assert.True(WebhookSecret.TryRead(Base64Secret, out var key));
        Assert.Equal(24, key.Length);
        Assert.False(WebhookSecret.TryRead("whsec_", out _));
        Assert.False(WebhookSecret.TryRead("whsec_not base64!", out _));
    }

    private WebhookChannel Channel(string secret) => new(new BudgetAlertOptions { Webhook = _address, Secret = secret }, _clock);

    /// <summary>Takes one request and answers it.</summary>
    private async Task<(Dictionary<string, string> Headers, string Body)> AnswerAsync(int status)
    {
        using var connection = await _listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(connection.GetStream(), Encoding.UTF8);
        Assert.Equal("POST /hook HTTP/1.1", await reader.ReadLineAsync());
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            headers.Add(line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());

        var body = new char[int.Parse(headers["Content-Length"], null)];
        await reader.ReadBlockAsync(body);
        var answer = $"HTTP/1.1 {status} Done\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:9/elsewhere\r\nConnection: close\r\n\r\n";
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
        return (headers, new string(body));
    }
}
