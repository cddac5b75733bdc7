using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Json;
using OrleansChat.GatewayApi.OpenAI;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>A count of tokens that was made here, because the upstream makes none.</summary>
internal sealed class CountedTokens(long tokens) : ICompletion
{
    /// <inheritdoc/>
    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await using (var writer = new Utf8JsonWriter(context.Response.BodyWriter, GatewayJson.Writer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("input_tokens", tokens);
            writer.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <inheritdoc/>
    public TokenUsage Usage(Func<long> countInput) => TokenUsage.Zero;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
