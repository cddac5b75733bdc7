using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Flags;
using OrleansChat.Core.Health;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.OpenAI;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.Telemetry;

namespace OrleansChat.GatewayApi.Caching;

/// <summary>
/// Answers from the cache, where key or model opted in. A hit passes the limits as any request, costs nothing, and is booked with what it
/// saved. A cache that fails costs a miss.
/// </summary>
internal sealed partial class CachedAnswers(
    IActorDirectory actors, Metering metering, IOptionsMonitor<OrleansChatOptions> settings, FeatureFlags flags, SessionAccess ids, GatewayMetrics metrics, Fallbacks fallbacks, ILogger<CachedAnswers> logger)
{
    /// <summary>The response's header that says <c>hit</c> or <c>miss</c>, where the cache was asked at all.</summary>
    public const string Header = "x-orleanschat-cache";

    private const string EventStream = "text/event-stream";

    private volatile bool _isReadOnly;

    /// <summary>Answers a request, from the cache if it may be and can.</summary>
    /// <param name="context">The request.</param>
    /// <param name="caller">The caller's key.</param>
    /// <param name="model">The model as the key may use it.</param>
    /// <param name="body">The request's body.</param>
    /// <param name="answer">Answers it anew.</param>
    public Task AnswerAsync(HttpContext context, ApiKey caller, Model model, JsonElement body, Func<Task> answer)
    {
        var scope = caller.Cache ?? model.Cache;

        // A model that answers from documents answers others from documents that this key may not see.
        if (scope is CacheScope.Shared && caller.Collections is not null)
            scope = CacheScope.Key;
        return scope is CacheScope.Off ? answer() : AnswerAsync(context, caller, model, scope, body, answer);
    }

    private async Task AnswerAsync(HttpContext context, ApiKey caller, Model model, CacheScope scope, JsonElement body, Func<Task> answer)
    {
        var control = context.Request.GetTypedHeaders().CacheControl ?? new CacheControlHeaderValue();
        if (control.NoStore || !flags.IsOn(FeatureFlags.AnswerCache, caller.Id, unset: true))
        {
            await answer();
            return;
        }

        var place = CachePlace.Of(scope, caller.Id, NormalizedRequest.HashOf(RequestDialect.Of(context.Request), model, body));
        if (!control.NoCache && await FindAsync(context, place) is { } found)
        {
            metrics.Cached("hit");
            await GiveAsync(context, caller, model, found);
            return;
        }

        metrics.Cached("miss");
        if (_isReadOnly)
            FallbackHeader.Add(context, Fallbacks.AnswerCache);
        context.Response.Headers[Header] = "miss";
        var isStream = body.TryGetProperty("stream", out var stream) && stream.ValueKind is JsonValueKind.True;
        await (isStream ? RecordAsync(context, place, answer) : HoldAsync(context, place, answer));
    }

    private async Task GiveAsync(HttpContext context, ApiKey caller, Model model, CachedAnswer found)
    {
        var admission = new AdmissionRequest
        {
            OperationId = ids.NewId(),
            IsNew = true,
            Key = caller,
            Model = model.Id,
            InputTokens = 0,
            OutputTokens = 0,
            SavedNanoUsd = found.NanoUsd,
            Work = RequestWork.Of(context),
        };
        var grant = await metering.AdmitAsync(context, admission);
        await metering.SettleAsync(grant, TokenUsage.Zero, model.Route[0]);
        var response = context.Response;
        response.Headers[Header] = "hit";
        response.StatusCode = found.Head.Status;
        if (found.Head.ContentType?.StartsWith(EventStream, StringComparison.OrdinalIgnoreCase) is true)
        {
            CompletionHeaders.SetStream(context, found.Head.ContentType);
        }
        else
        {
            response.ContentType = found.Head.ContentType;
            response.ContentLength = found.Body.Length;
        }

        await response.Body.WriteAsync(found.Body, context.RequestAborted);
    }

    /// <summary>Gives a stream as it comes, and keeps it before its end is told.</summary>
    private async Task RecordAsync(HttpContext context, CachePlace place, Func<Task> answer)
    {
        var body = new ArrayBufferWriter<byte>();
        var isTooLarge = false;
        var inner = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await AnswerIntoAsync(context, new StreamResponseBodyFeature(new RecordingStream(inner.Stream, Record, CancellationToken.None), inner), answer);
        if (!isTooLarge)
            await KeepAsync(context, place, body.WrittenMemory);

        void Record(ReadOnlyMemory<byte> bytes)
        {
            isTooLarge |= body.WrittenCount + bytes.Length > settings.CurrentValue.Cache.MaxAnswerBytes;
            if (!isTooLarge)
                body.Write(bytes.Span);
        }
    }

    /// <summary>
    /// Keeps a whole answer before it is given: one that announces its length is over for its client with its last byte, and a repeat right after that is a hit.
    /// </summary>
    private async Task HoldAsync(HttpContext context, CachePlace place, Func<Task> answer)
    {
        using var body = new MemoryStream();
        await AnswerIntoAsync(context, new StreamResponseBodyFeature(body), answer);
        var written = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (written.Length <= settings.CurrentValue.Cache.MaxAnswerBytes)
            await KeepAsync(context, place, written);
        await context.Response.Body.WriteAsync(written, context.RequestAborted);
    }

    private static async Task AnswerIntoAsync(HttpContext context, StreamResponseBodyFeature body, Func<Task> answer)
    {
        var inner = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Features.Set<IHttpResponseBodyFeature>(body);
        context.Features.Set(AwaitedBooking.Instance);
        try
        {
            await answer();
            await body.CompleteAsync();
        }
        finally
        {
            context.Features.Set(inner);
        }
    }

    private static async ValueTask<CachedAnswer?> WorthKeepingAsync(HttpContext context, ReadOnlyMemory<byte> body) =>
        context.Response.StatusCode == StatusCodes.Status200OK
        && context.Features.Get<BrokenAnswer>() is null
        && context.Features.Get<AnswerCost>() is { } cost
        && await cost.NanoUsd is { } booked
            ? new CachedAnswer(new AnswerHead(context.Response.StatusCode, context.Response.ContentType), body.ToArray(), booked)
            : null;

    private async ValueTask<CachedAnswer?> FindAsync(HttpContext context, CachePlace place)
    {
        try
        {
            var found = await actors.ResponseCache(place.Actor).FindAsync(place.Id, context.RequestAborted);
            if (!_isReadOnly)
                fallbacks.Leave(Fallbacks.AnswerCache);
            return found;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            fallbacks.Enter(Fallbacks.AnswerCache, ErrorType.Of(fault));
            FallbackHeader.Add(context, Fallbacks.AnswerCache);
            LogFailed(fault);
            return null;
        }
    }

    private async ValueTask KeepAsync(HttpContext context, CachePlace place, ReadOnlyMemory<byte> body)
    {
        if (await WorthKeepingAsync(context, body) is not { } answer)
            return;

        try
        {
            await actors.ResponseCache(place.Actor).PutAsync(place.Id, answer, CancellationToken.None);
            _isReadOnly = false;
            fallbacks.Leave(Fallbacks.AnswerCache);
        }
        catch (Exception fault)
        {
            _isReadOnly = true;
            fallbacks.Enter(Fallbacks.AnswerCache, ErrorType.Of(fault));
            LogFailed(fault);
        }
    }

    [LoggerMessage(EventId = 50, EventName = "CacheFailed", Level = LogLevel.Warning, Message = "The response cache could not be read or written; the request goes on without it.")]
    private partial void LogFailed(Exception fault);
}
