using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.Anthropic;

/// <summary>
/// A chat client over Anthropic's <c>/v1/messages</c>. Failures come as <see cref="UpstreamException"/>, never as those of HTTP or JSON.
/// Safe for concurrent use.
/// </summary>
/// <remarks>Format: https://docs.anthropic.com/en/api/messages. The connection belongs to whoever made it.</remarks>
public sealed class AnthropicChatClient : IChatClient
{
    private const string Path = "/messages";

    private readonly UpstreamConnection _connection;
    private readonly string _model;
    private readonly AnthropicRequestWriter _writer;
    private readonly ChatClientMetadata _metadata;

    /// <summary>A client for one model of an upstream.</summary>
    /// <param name="connection">The upstream's connection; stays open when the client is disposed.</param>
    /// <param name="model">The model when a call's options name none.</param>
    public AnthropicChatClient(UpstreamConnection connection, string model)
    {
        _connection = connection;
        _model = model;
        _writer = new AnthropicRequestWriter(connection.Faults);
        _metadata = new ChatClientMetadata(connection.UpstreamId, connection.BaseUrl, model);
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var body = _writer.Write(options?.ModelId ?? _model, messages, options, stream: false);
        await using var answer = await _connection.SendAsync(new UpstreamRequest(Path, body, IsStream: false) { Prompt = UpstreamRequest.PromptOf(options) }, cancellationToken);
        AnthropicMessageWire? wire;
        try
        {
            wire = await JsonSerializer.DeserializeAsync(answer.Body, AnthropicWire.Default.AnthropicMessageWire, cancellationToken);
        }
        catch (JsonException malformed)
        {
            throw _connection.Faults.Malformed("its answer is not the JSON of a message.", malformed);
        }

        Check(wire?.Error ?? default);
        if (wire?.Content is null)
            throw _connection.Faults.Protocol("its answer holds no message.");
        return new[] { new AnthropicUpdates().Whole(wire) }.ToChatResponse();
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var body = _writer.Write(options?.ModelId ?? _model, messages, options, stream: true);
        var request = new UpstreamRequest(Path, body, IsStream: true) { CountsBytesAsTokens = false, Prompt = UpstreamRequest.PromptOf(options) };
        await using var answer = await _connection.SendAsync(request, cancellationToken);
        var updates = new AnthropicUpdates();
        await foreach (var item in SseParser.Create(answer.Body, (_, data) => Parse(data, AnthropicWire.Default.AnthropicEventWire)).EnumerateAsync(cancellationToken))
        {
            var wire = item.Data;
            Check(wire.Error);
            if (AnthropicUpdates.HasToken(wire))
                answer.SeeToken();
            if (updates.Next(wire) is { } update)
                yield return update;
            if (wire.Type == "message_stop")
            {
                await answer.DrainAsync();
                break;
            }
        }

        if (!updates.IsFinished)
            throw _connection.Faults.EndedEarly();
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;

    /// <summary>Nothing to release: the connection is shared.</summary>
    public void Dispose()
    {
    }

    private T Parse<T>(ReadOnlySpan<byte> data, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(data, type) ?? throw _connection.Faults.Protocol("an event of its stream is empty.");
        }
        catch (JsonException malformed)
        {
            throw _connection.Faults.Malformed("an event of its stream is not the JSON of a message.", malformed);
        }
    }

    private void Check(JsonElement error)
    {
        if (error.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
            throw _connection.Faults.Reported(UpstreamErrorBody.FromError(error), _connection.CurrentKey);
    }
}
