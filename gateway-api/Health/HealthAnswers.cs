using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Health;
using OrleansChat.Core.Health.Sla;

namespace OrleansChat.GatewayApi.Health;

/// <summary>The answers of <c>/health</c>, made once for each look and given to whoever asks until the next one.</summary>
internal sealed class HealthAnswers(HealthChecks checks, SlaRecorder sla, IOptions<JsonOptions> json)
{
    private volatile Made? _last;

    /// <summary>The answer.</summary>
    /// <param name="view">The look.</param>
    /// <param name="isInFull">Whether it is for a caller with a key.</param>
    /// <returns>The body, as JSON.</returns>
    public ReadOnlyMemory<byte> Of(HealthView view, bool isInFull)
    {
        var made = _last;
        if (made?.View != view)
            _last = made = new Made(view, Write(new HealthBody(view.Status)));
        return isInFull ? made.Full ??= Write(HealthBody.InFull(view, checks.Uptime, sla)) : made.Bare;
    }

    private byte[] Write(HealthBody body) => JsonSerializer.SerializeToUtf8Bytes(body, json.Value.SerializerOptions);

    private sealed record Made(HealthView View, byte[] Bare)
    {
        // Two at a time may both make it; they make the same.
        public byte[]? Full { get; set; }
    }
}
