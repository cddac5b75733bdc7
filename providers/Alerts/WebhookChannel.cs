using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.Alerts;

/// <summary>
/// Posts budget alerts to the address of the settings, and to no other: no redirect is followed. Signed as Standard Webhooks says
/// (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body, with the time so that a receiver can turn away what is replayed.
/// </summary>
public sealed class WebhookChannel : IBudgetAlertChannel, IDisposable
{
    private const string EventType = "budget.threshold_reached";

    private readonly BudgetAlertOptions _options;
    private readonly TimeProvider _time;
    private readonly Secret _secret;
    private readonly HttpClient _client;

    /// <summary>Makes the channel.</summary>
    /// <param name="options">The address and the secret; they have been checked.</param>
    /// <param name="time">The source of the signature's time.</param>
    public WebhookChannel(BudgetAlertOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        _secret = Secret.From(options.Secret ?? "", time);
        _client = new HttpClient(UpstreamSockets.Create(options.Timeout)) { Timeout = options.Timeout };
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(BudgetAlert alert, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alert);
        if (_options.Webhook is not { } address)
            return;

        var body = BodyOf(alert);
        var sentAt = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", alert.Id);
        request.Headers.Add("webhook-timestamp", sentAt);
        request.Headers.Add("webhook-signature", Sign(alert.Id, sentAt, body));
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"The webhook answered {(int)response.StatusCode}.", null, response.StatusCode);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static byte[] BodyOf(BudgetAlert alert)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type", EventType);
            writer.WriteString("timestamp", alert.RaisedAt.UtcDateTime);
            writer.WriteStartObject("data");
            writer.WriteString("scope", alert.Scope);
            writer.WriteNumber("percent", alert.Percent);
            writer.WriteNumber("spentUsd", NanoUsd.ToUsd(alert.SpentNanoUsd));
            writer.WriteNumber("limitUsd", NanoUsd.ToUsd(alert.LimitNanoUsd));
            writer.WriteString("window", JsonNamingPolicy.CamelCase.ConvertName(alert.Window.ToString()));
            WriteTime(writer, "windowStart", alert.WindowStart);
            WriteTime(writer, "windowEnd", alert.WindowEnd);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return body.ToArray();
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } moment)
            writer.WriteString(name, moment.UtcDateTime);
        else
            writer.WriteNull(name);
    }

    private string Sign(string id, string sentAt, byte[] body)
    {
        // Read at each event: a secret in a file may have been replaced.
        if (_secret.Read() is not { } text || !WebhookSecret.TryRead(text, out var key))
            throw new InvalidOperationException($"The webhook's secret ({_secret.Source}) cannot be read.");

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{sentAt}."), .. body];
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}";
    }
}
