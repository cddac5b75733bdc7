using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Json;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>Vectors of a generator, in OpenAI's form.</summary>
internal sealed class GeneratedEmbeddings(EmbeddingRequest request, GeneratedEmbeddings<Embedding<float>> embeddings) : ICompletion
{
    /// <inheritdoc/>
    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await using (var writer = new Utf8JsonWriter(context.Response.BodyWriter, GatewayJson.Writer))
            Write(writer);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <inheritdoc/>
    public TokenUsage Usage(Func<long> countInput) =>
        new(Math.Max(0, embeddings.Usage?.InputTokenCount ?? countInput()), 0, embeddings.Usage?.InputTokenCount is null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        foreach (var (i, embedding) in embeddings.Index())
        {
            writer.WriteStartObject();
            writer.WriteString("object", "embedding");
            writer.WriteNumber("index", i);
            WriteVector(writer, embedding.Vector.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("model", request.Model);
        var tokens = Usage(request.CountInput).InputTokens;
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", tokens);
        writer.WriteNumber("total_tokens", tokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteVector(Utf8JsonWriter writer, ReadOnlySpan<float> vector)
    {
        if (request.IsBase64)
        {
            writer.WriteBase64String("embedding", MemoryMarshal.AsBytes(vector));
            return;
        }

        writer.WriteStartArray("embedding");
        foreach (var number in vector)
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
