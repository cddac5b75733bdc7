using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.OpenAI;

/// <summary>
/// Embeddings over an OpenAI-compatible server's <c>/embeddings</c>, in batches, one after another. Failures come as
/// <see cref="Core.Errors.UpstreamException"/>. Safe for concurrent use.
/// </summary>
/// <remarks>Format: https://platform.openai.com/docs/api-reference/embeddings. The connection belongs to whoever made it.</remarks>
public sealed class OpenAIEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const string Path = "/embeddings";

    private readonly UpstreamConnection _connection;
    private readonly string _model;
    private readonly OpenAIEmbeddingOptions _options;
    private readonly TimeProvider _time;
    private readonly EmbeddingReader _reader;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>A generator for one model of an upstream.</summary>
    /// <param name="connection">The upstream's connection; stays open when the generator is disposed.</param>
    /// <param name="model">The model when a call's options name none.</param>
    /// <param name="time">The clock of the vectors' creation times.</param>
    /// <param name="options">How requests are cut.</param>
    public OpenAIEmbeddingGenerator(UpstreamConnection connection, string model, TimeProvider time, OpenAIEmbeddingOptions? options = null)
    {
        _connection = connection;
        _model = model;
        _options = options ?? new OpenAIEmbeddingOptions();
        _time = time;
        _reader = new EmbeddingReader(connection.Faults);
        _metadata = new EmbeddingGeneratorMetadata(connection.UpstreamId, connection.BaseUrl, model);
    }

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var embeddings = new GeneratedEmbeddings<Embedding<float>>();
        var model = options?.ModelId ?? _model;
        var dimensions = options?.Dimensions;
        var used = options?.AdditionalProperties?.GetValueOrDefault(CallUsage.Property) as CallUsage;
        foreach (var batch in EmbeddingBatches.Of(values, _options.MaxBatchCount, _options.MaxBatchTokens))
        {
            used?.Sent(() => batch.Sum(TokenEstimate.Count));
            var answer = await SendAsync(Write(batch, model, options), used?.Prompt, cancellationToken);
            var usage = answer.Usage?.ToDetails();
            if (usage is not null || answer.Data is not null)
                used?.Answered(usage);
            foreach (var vector in _reader.Read(answer, batch.Count, dimensions))
            {
                // One call gives vectors of one length, however many requests it takes.
                dimensions ??= vector.Length;
                embeddings.Add(new Embedding<float>(vector) { ModelId = answer.Model ?? model, CreatedAt = _time.GetUtcNow() });
            }

            if (usage is not null)
                (embeddings.Usage ??= new UsageDetails()).Add(usage);
        }

        return embeddings;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(EmbeddingPurposes) && _options.IsVoyage ? EmbeddingPurposes.Known
            : serviceType.IsInstanceOfType(this) ? this
            : null;

    /// <summary>Nothing to release: the connection is shared.</summary>
    public void Dispose()
    {
    }

    private async ValueTask<EmbeddingListWire> SendAsync(ReadOnlyMemory<byte> body, PromptDelivery? prompt, CancellationToken cancellationToken)
    {
        await using var answer = await _connection.SendAsync(new UpstreamRequest(Path, body, IsStream: false) { Prompt = prompt }, cancellationToken);
        try
        {
            return await JsonSerializer.DeserializeAsync(answer.Body, OpenAIWire.Default.EmbeddingListWire, cancellationToken)
                ?? throw _connection.Faults.Protocol("its answer is empty.");
        }
        catch (JsonException malformed)
        {
            throw _connection.Faults.Protocol("its answer is not the JSON of embeddings.", malformed);
        }
    }

    private ReadOnlyMemory<byte> Write(List<string> texts, string model, EmbeddingGenerationOptions? options)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = UpstreamJson.Writer(buffer);
        json.WriteStartObject();
        json.WriteString("model", model);
        json.WriteStartArray("input");
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
        if (!_options.IsVoyage || _options.UsesBase64)
            json.WriteString("encoding_format", _options.UsesBase64 ? "base64" : "float");
        if (options?.Dimensions is { } dimensions)
            json.WriteNumber(_options.IsVoyage ? "output_dimension" : "dimensions", dimensions);
        foreach (var (name, value) in options?.AdditionalProperties ?? [])
        {
            if (name is not ("model" or "input" or "encoding_format" or "dimensions"))
                JsonValues.WriteProperty(json, name, value);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
