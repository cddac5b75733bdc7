using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Problems;

namespace OrleansChat.GatewayApi.Idempotency;

/// <summary>
/// Answers requests with an <c>Idempotency-Key</c>: the first one runs to its end whoever goes away, a repeat gets its answer or joins it,
/// byte by byte. What failed is not kept, so that a repeat tries anew.
/// </summary>
internal sealed class IdempotentAnswers(
    IActorDirectory actors, OrleansChatOptions options, DrainGate drain, TimeProvider clock, ILogger<IdempotentAnswers> logger)
{
    /// <summary>The request's header.</summary>
    public const string Header = "Idempotency-Key";

    private const int MaxKeyLength = 255;

    /// <summary>Answers a request, by its key if it has one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="caller">The caller's key.</param>
    /// <param name="answer">Answers it anew.</param>
    public Task AnswerAsync(HttpContext context, ApiKey caller, Func<HttpContext, ApiKey, Task> answer) =>
        KeyOf(context.Request) is { } key ? AnswerAsync(context, caller, key, () => answer(context, caller)) : answer(context, caller);

    private static string? KeyOf(HttpRequest request)
    {
        var values = request.Headers[Header];
        if (values.Count == 0)
            return null;

        // Without the header as its subject, which stands for a key that is in use.
        return values is [{ Length: > 0 and <= MaxKeyLength } key]
            ? key
            : throw new RequestException(Problem.Of(
                ProblemCode.InvalidRequest, $"'{Header}' must be given once and have 1 to {MaxKeyLength} characters.", "Send a new UUID for each request."));
    }

    private async Task AnswerAsync(HttpContext context, ApiKey caller, string key, Func<Task> answer)
    {
        var body = await JsonBody.ReadBytesAsync(context);
        var shard = IdempotencyShard.Of(caller.Id, key);
        var actor = actors.Idempotency(shard.Actor);
        var call = new IdempotentCall(shard.Id, FingerprintOf(context.Request, body.Span), Guid.NewGuid().ToString("N"));
        while (true)
        {
            switch ((await actor.BeginAsync(call, context.RequestAborted)).State)
            {
                case IdempotencyState.Begun:
                    context.Request.Body = new MemoryStream(body.ToArray(), writable: false);
                    await RunAsync(context, actor, call, answer);
                    return;
                case IdempotencyState.Running or IdempotencyState.Finished:
                    RequestWork.Of(context)?.Leave();
                    if (await AnswerReplay.WriteAsync(context, actor, call.Id))
                        return;
                    break;
                case IdempotencyState.Mismatch:
                    throw RequestException.Invalid(
                        Header, "This idempotency key was sent before with another request.", "Send a new key with each new request, and the same body with a repeat.");
                case IdempotencyState.NotKept:
                    throw RequestException.Invalid(
                        Header,
                        $"This request was answered and billed before; its answer of more than {options.Idempotency.MaxAnswerBytes} bytes was not kept.",
                        "Send it with a new key to have it answered, and billed, again.");
                default:
                    throw new RequestException(Problem.Of(
                        ProblemCode.RateLimited, "Too many requests with idempotency keys are under way.", "Send it again in a moment.") with
                    { RetryAfterSeconds = 1 });
            }
        }
    }

    private async Task RunAsync(HttpContext context, IIdempotencyActor actor, IdempotentCall call, Func<Task> answer)
    {
        var response = context.Response;
        var clientGone = context.RequestAborted;
        var pump = new AnswerPump(actor, call, options.Idempotency.MaxAnswerBytes, options.Idempotency.Lease, clock, logger);
        using var life = new CancellationTokenSource();
        await using var closing = drain.Closing.UnsafeRegister(_ => life.CancelAfter(options.Gateway.DrainTimeout), null);
        await using var cut = clientGone.UnsafeRegister(_ => CancelIfClosing(life), null);
        var clientBody = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var recording = new RecordingStream(clientBody.Stream, bytes => pump.Record(HeadOf(response), bytes), clientGone);
        var recorded = new StreamResponseBodyFeature(recording, clientBody);
        context.Features.Set<IHttpResponseBodyFeature>(recorded);
        context.Features.Set(AwaitedBooking.Instance);
        context.RequestAborted = life.Token;
        pump.Start();
        try
        {
            await answer();
            await recorded.CompleteAsync();

            // A repeat is not booked again, so the answer is kept when its booking is.
            if (context.Features.Get<AnswerCost>() is { } cost)
                await cost.NanoUsd;

            if (context.Features.Get<BrokenAnswer>() is { } broken)
                await pump.FailAsync(broken.Problem);
            else
                await pump.CompleteAsync(HeadOf(response));
        }
        catch (Exception fault)
        {
            await pump.FailAsync(FaultTranslation.ToProblem(fault));
            throw;
        }
        finally
        {
            context.RequestAborted = clientGone;
            context.Features.Set(clientBody);
        }
    }

    private void CancelIfClosing(CancellationTokenSource life)
    {
        if (drain.IsClosed)
            life.Cancel();
    }

    private static AnswerHead HeadOf(HttpResponse response) => new(response.StatusCode, response.ContentType);

    private static string FingerprintOf(HttpRequest request, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(RequestDialect.Of(request)));
        hash.AppendData([0]);
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
