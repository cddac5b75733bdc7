// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Health;
using OrleansChat.Core.Health.Sla;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Health;

/// <summary>The answers of <c>/health</c>, made once for each look and given to whoever asks until the next one.</summary>
internal sealed class HealthAnswers(HealthChecks checks, SlaRecorder sla, IOptions<JsonOptions> json)
{
    private const string Json = "application/json; charset=utf-8";

    private volatile Made? _last;

    /// <summary>Gives the answer of the last look.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isInFull">Whether it comes from a caller with a key.</param>
    /// <returns>A task.</returns>
    public async Task GiveAsync(HttpContext context, bool isInFull)
    {
        var view = await checks.LookAsync(context.RequestAborted);
        var body = Of(view, isInFull);
        var response = context.Response;
        response.StatusCode = view.Status is HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        response.ContentType = Json;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private byte[] Of(HealthView view, bool isInFull)
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
