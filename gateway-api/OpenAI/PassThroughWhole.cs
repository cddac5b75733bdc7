using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Anthropic;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>An answer that is not streamed: read whole, so that an upstream that breaks off can be passed over, and written as it came.</summary>
internal sealed class PassThroughWhole(ReadOnlyMemory<byte> body, string? contentType, AnswerForm form) : ICompletion
{
    private const int MaxBytes = 64 * 1024 * 1024;
    private const int ReadSize = 4 * 1024;

    /// <summary>Up to this length an upstream's word for it is taken before the bytes are there.</summary>
    private const int MostBytesAtOnce = 64 * 1024;

    /// <summary>Calls the upstream and reads its answer.</summary>
    public static async ValueTask<ICompletion> OpenAsync(
        SendToUpstream send, AnswerForm form, CancellationToken cancellationToken)
    {
        await using var upstream = await send(cancellationToken);
        var answer = upstream.Length is { } length and <= MostBytesAtOnce
            ? await ReadAsync(upstream, (int)length, cancellationToken)
            : await ReadAsync(upstream, cancellationToken);
        if (!IsObject(answer.Span))
            throw new UpstreamException(upstream.UpstreamId, UpstreamFailure.Protocol, "the answer is not a JSON object.");
        if (ReportedFailure.InAnswer(answer.Span, upstream.UpstreamId) is { } failure)
            throw failure;
        return new PassThroughWhole(answer, upstream.ContentType, form);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = contentType ?? "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <inheritdoc/>
    public TokenUsage Usage(Func<long> countInput)
    {
        var reported = form.ReadUsage(body.Span);
        if (form.Answers is null)
        {
            var tokens = reported?.InputTokenCount ?? reported?.TotalTokenCount;
            return new TokenUsage(Math.Max(0, tokens ?? countInput()), 0, tokens is null);
        }

        return CompletionUsage.Of(reported, countInput, reported?.OutputTokenCount is null ? CountText() : 0);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(UpstreamStream upstream, int length, CancellationToken cancellationToken)
    {
        // A byte more, and read to the end: over HTTP/2 that may be a frame of its own, and a stream that is left before it counts as cancelled.
        var answer = new byte[length + 1];
        var count = 0;
        while (count <= length && await upstream.Body.ReadAsync(answer.AsMemory(count), cancellationToken) is > 0 and var read)
            count += read;
        return count <= length
            ? answer.AsMemory(0, count)
            : throw new UpstreamException(upstream.UpstreamId, UpstreamFailure.Protocol, $"the answer is longer than the {length} bytes that it announced.");
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(UpstreamStream upstream, CancellationToken cancellationToken)
    {
        var answer = new ArrayBufferWriter<byte>(ReadSize);
        int read;
        while ((read = await upstream.Body.ReadAsync(answer.GetMemory(ReadSize / 4), cancellationToken)) > 0)
        {
            answer.Advance(read);
            if (answer.WrittenCount > MaxBytes)
                throw new UpstreamException(upstream.UpstreamId, UpstreamFailure.Protocol, $"the answer is larger than {MaxBytes} bytes.");
        }

        return answer.WrittenMemory;
    }

    private static bool IsObject(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        try
        {
            return reader.Read() && reader.TokenType is JsonTokenType.StartObject && reader.TrySkip();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private long CountText()
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.TryGetProperty(form.Answers!, out var answers) ? AnswerTokens.Count(answers) : 0;
    }
}

/// <summary>Where an answer holds what is billed.</summary>
/// <param name="ReadUsage">Reads the usage that the upstream reports.</param>
/// <param name="Answers">The array that is counted where it reports none; null where an answer has no tokens.</param>
internal sealed record AnswerForm(ReadUsage ReadUsage, string? Answers)
{
    /// <summary>OpenAI's.</summary>
    public static readonly AnswerForm OpenAI = new(UsageScanner.ReadWhole, "choices");

    /// <summary>Embeddings in OpenAI's form.</summary>
    public static readonly AnswerForm Embeddings = new(UsageScanner.ReadWhole, null);

    /// <summary>Anthropic's.</summary>
    public static readonly AnswerForm Anthropic = new(AnthropicScanner.ReadWhole, "content");
}

/// <summary>Reads usage from a whole answer; null where it has none.</summary>
internal delegate UsageDetails? ReadUsage(ReadOnlySpan<byte> answer);
