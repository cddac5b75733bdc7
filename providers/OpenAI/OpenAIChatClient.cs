using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.OpenAI;

/// <summary>
/// A chat client over an OpenAI-compatible server's <c>/chat/completions</c>. Failures come as
/// <see cref="UpstreamException"/>, never as those of HTTP or JSON. Safe for concurrent use.
/// </summary>
/// <remarks>Format: https://platform.openai.com/docs/api-reference/chat. The connection belongs to whoever made it.</remarks>
public sealed class OpenAIChatClient : IChatClient
{
    private const string Path = "/chat/completions";

    private readonly UpstreamConnection _connection;
    private readonly string _model;
    private readonly ChatRequestWriter _writer;
    private readonly ChatClientMetadata _metadata;

    /// <summary>A client for one model of an upstream.</summary>
    /// <param name="connection">The upstream's connection; stays open when the client is disposed.</param>
    /// <param name="model">The model when a call's options name none.</param>
    /// <param name="maxTokensField">How the limit on an answer's length is sent.</param>
    public OpenAIChatClient(UpstreamConnection connection, string model, MaxTokensField maxTokensField = MaxTokensField.ByAddress)
    {
        _connection = connection;
        _model = model;
        _writer = new ChatRequestWriter(MaxTokensFieldName.For(maxTokensField, connection.BaseUrl), connection.Faults);
        _metadata = new ChatClientMetadata(connection.UpstreamId, connection.BaseUrl, model);
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var body = _writer.Write(options?.ModelId ?? _model, messages, options, stream: false);
        await using var answer = await _connection.SendAsync(new UpstreamRequest(Path, body, IsStream: false) { Prompt = UpstreamRequest.PromptOf(options) }, cancellationToken);
        var wire = await ReadWholeAsync(answer, cancellationToken);
        return new[] { new ChatUpdates().Whole(Checked(wire)) ?? throw NoChoice() }.ToChatResponse();
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var body = _writer.Write(options?.ModelId ?? _model, messages, options, stream: true);
        var request = new UpstreamRequest(Path, body, IsStream: true) { CountsBytesAsTokens = false, Prompt = UpstreamRequest.PromptOf(options) };
        await using var answer = await _connection.SendAsync(request, cancellationToken);
        var updates = new ChatUpdates();
        if (IsWholeAnswer(answer))
        {
            // Some servers ignore "stream" and answer in one piece; the text is as good.
            yield return updates.Whole(Checked(await ReadWholeAsync(answer, cancellationToken))) ?? throw NoChoice();
            yield break;
        }

        var isDone = false;
        await foreach (var item in SseParser.Create(answer.Body, Parse).EnumerateAsync(cancellationToken))
        {
            if (item.Data is not { } wire)
            {
                isDone = true;
                await answer.DrainAsync();
                break;
            }

            if (ChatUpdates.HasToken(wire))
                answer.SeeToken();
            if (updates.Next(Checked(wire)) is { } update)
                yield return update;
        }

        // Without "[DONE]" the text is whole only if the model said why it stopped.
        if (!isDone && !updates.IsFinished)
            throw _connection.Faults.EndedEarly();
        if (updates.Rest() is { } rest)
            yield return rest;
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

    private UpstreamException NoChoice() => _connection.Faults.Protocol("its answer holds no choice.");

    private static bool IsWholeAnswer(UpstreamStream answer) => answer.MediaType is "application/json";

    /// <summary>An event's JSON; null for <c>[DONE]</c>.</summary>
    private CompletionWire? Parse(string eventType, ReadOnlySpan<byte> data)
    {
        if (data.Trim(" \t"u8).SequenceEqual("[DONE]"u8))
            return null;
        try
        {
            return JsonSerializer.Deserialize(data, OpenAIWire.Default.CompletionWire) ?? throw _connection.Faults.Protocol("an event of its stream is empty.");
        }
        catch (JsonException malformed)
        {
            throw _connection.Faults.Malformed("an event of its stream is not the JSON of a completion.", malformed);
        }
    }

    private async ValueTask<CompletionWire> ReadWholeAsync(UpstreamStream answer, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(answer.Body, OpenAIWire.Default.CompletionWire, cancellationToken)
                ?? throw _connection.Faults.Protocol("its answer is empty.");
        }
        catch (JsonException malformed)
        {
            throw _connection.Faults.Malformed("its answer is not the JSON of a completion.", malformed);
        }
    }

    private CompletionWire Checked(CompletionWire wire)
        => wire.Error.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
            ? wire
            : throw _connection.Faults.Reported(UpstreamErrorBody.FromError(wire.Error), _connection.CurrentKey);
}
