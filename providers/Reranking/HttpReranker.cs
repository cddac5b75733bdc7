using System.Buffers;
using System.Text.Json;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Reranking;

/// <summary>
/// Reranking over <c>/rerank</c>, as Voyage, Cohere, Jina, vLLM and Text Embeddings Inference have it: they take the same question and texts, and give scores
/// by index, under <c>data</c> or <c>results</c>. Failures come as <see cref="Core.Errors.UpstreamException"/>. Safe for concurrent use.
/// </summary>
/// <remarks>https://docs.voyageai.com/reference/reranker-api and https://docs.cohere.com/reference/rerank. All scores are asked for, so that the two names
/// of the limit (<c>top_k</c>, <c>top_n</c>) do not matter.</remarks>
internal sealed class HttpReranker(UpstreamConnection connection, string model) : IReranker
{
    private const string Path = "/rerank";

    /// <inheritdoc/>
    public async Task<RerankScores> ScoreAsync(string query, IReadOnlyList<string> texts, CallUsage? used, CancellationToken cancellationToken)
    {
        await using var answer = await connection.SendAsync(new UpstreamRequest(Path, Write(query, texts), IsStream: false) { Prompt = used?.Prompt }, cancellationToken);
        try
        {
            using var json = await JsonDocument.ParseAsync(answer.Body, cancellationToken: cancellationToken);
            var tokens = ReadTokens(json.RootElement);
            if (tokens is not null || Items(json.RootElement) is not null)
                used?.Answered(tokens);
            return new RerankScores(Read(json.RootElement, texts.Count), tokens);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw connection.Faults.Protocol("its answer is not the JSON of scores.", malformed);
        }
    }

    private ReadOnlyMemory<byte> Write(string query, IReadOnlyList<string> texts)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = UpstreamJson.Writer(buffer);
        json.WriteStartObject();
        json.WriteString("model", model);
        json.WriteString("query", query);
        json.WriteStartArray("documents");
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
        json.WriteBoolean("return_documents", false);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private double[] Read(JsonElement answer, int expected)
    {
        var items = Items(answer) ?? throw connection.Faults.Protocol("its answer has neither 'results' nor 'data'.");
        var scores = new double?[expected];
        foreach (var item in items.EnumerateArray())
        {
            var index = item.GetProperty("index").GetInt32();
            var score = item.TryGetProperty("relevance_score", out var relevance) ? relevance.GetDouble()
                : item.TryGetProperty("score", out var plain) ? plain.GetDouble()
                : throw connection.Faults.Protocol("a score is missing.");
            if (index < 0 || index >= expected || scores[index] is not null)
                throw connection.Faults.Protocol($"its scores are numbered wrongly: {index} of {expected}.");
            scores[index] = double.IsFinite(score) ? score : throw connection.Faults.Protocol("a score is not finite.");
        }

        return Array.TrueForAll(scores, score => score is not null)
            ? [.. scores.Select(score => score!.Value)]
            : throw connection.Faults.Protocol($"it scored {scores.Count(score => score is not null)} of {expected} texts.");
    }

    private static JsonElement? Items(JsonElement answer) =>
        answer.ValueKind is JsonValueKind.Array ? answer : Find(answer, "results") ?? Find(answer, "data");

    // Voyage, Jina and vLLM have "usage", Cohere has "meta"; Text Embeddings Inference reports nothing.
    private static long? ReadTokens(JsonElement answer) =>
        Number(answer, "usage", "total_tokens") ?? Number(answer, "usage", "prompt_tokens")
        ?? (Find(answer, "meta") is { } meta ? Number(meta, "tokens", "input_tokens") ?? Number(meta, "billed_units", "input_tokens") : null);

    private static long? Number(JsonElement answer, string part, string name) =>
        Find(answer, part) is { } found && Find(found, name) is { } count ? TokenCountConverter.Of(count) : null;

    private static JsonElement? Find(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;
}
