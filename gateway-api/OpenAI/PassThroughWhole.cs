using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>An answer that is not streamed: read whole, so that an upstream that breaks off can be passed over, and written as it came.</summary>
internal sealed class PassThroughWhole(byte[] body, string? contentType) : ICompletion
{
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Calls the upstream and reads its answer.</summary>
    public static async ValueTask<ICompletion> OpenAsync(
        IOpenAIPassThrough upstreamPath, string route, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        await using var upstream = await upstreamPath.SendAsync(route, body, stream: false, cancellationToken);
        using var answer = new MemoryStream();
        var buffer = new byte[8 * 1024];
        int read;
        while ((read = await upstream.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            answer.Write(buffer, 0, read);
            if (answer.Length > MaxBytes)
                throw new UpstreamException(upstream.UpstreamId, UpstreamFailure.Protocol, $"the answer is larger than {MaxBytes} bytes.");
        }

        var bytes = answer.ToArray();
        if (!IsObject(bytes))
            throw new UpstreamException(upstream.UpstreamId, UpstreamFailure.Protocol, "the answer is not a JSON object.");
        return new PassThroughWhole(bytes, upstream.ContentType);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = contentType ?? "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <inheritdoc/>
    public TokenUsage Usage(long inputTokens)
    {
        var reported = UsageScanner.ReadWhole(body);
        return CompletionUsage.Of(reported, inputTokens, reported?.OutputTokenCount is null ? CountText() : 0);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

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
        if (!document.RootElement.TryGetProperty("choices", out var choices) || choices.ValueKind is not JsonValueKind.Array)
            return 0;
        return choices.EnumerateArray().Sum(choice => TokenEstimate.Count(choice.GetRawText()));
    }
}
