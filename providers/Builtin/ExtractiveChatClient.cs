using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Turns;

namespace OrleansChat.Providers.Builtin;

/// <summary>
/// Answers without a language model (<c>builtin/extractive</c>): quotes the sentences of the retrieved passages that fit the question best, with
/// citations. The passages come in the options' additional properties under <see cref="Passage.PropertyName"/>. The same question
/// and passages give the same answer.
/// </summary>
public sealed class ExtractiveChatClient : IChatClient
{
    /// <summary>The model id in settings.</summary>
    public const string ModelId = "builtin/extractive";

    private readonly TimeProvider _time;
    private readonly ChatClientMetadata _metadata = new("builtin", defaultModelId: ModelId);

    /// <summary>A client.</summary>
    /// <param name="time">The clock of the answers' creation times.</param>
    public ExtractiveChatClient(TimeProvider time) => _time = time;

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>The answer word by word, and at last its usage, estimated, with the finish reason.</summary>
    /// <param name="messages">The conversation; the last user message is the question.</param>
    /// <param name="options">May carry the passages; the limit on output tokens is kept.</param>
    /// <param name="cancellationToken">Checked before each word.</param>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var conversation = messages.ToList();
        var question = conversation.LastOrDefault(message => message.Role == ChatRole.User)?.Text ?? "";
        var answer = ExtractiveAnswer.Write(question, Passages(options));
        var id = Guid.CreateVersion7(_time.GetUtcNow()).ToString();
        var limit = options?.MaxOutputTokens ?? int.MaxValue;
        var reason = ChatFinishReason.Stop;
        var written = 0;
        var tokens = 0L;
        foreach (var word in Words(answer))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Words begin with their white space, so that their tokens add up to the whole's.
            tokens += TokenEstimate.Count(word);
            if (tokens > limit)
            {
                reason = ChatFinishReason.Length;
                break;
            }

            written += word.Length;
            yield return Update(id, new TextContent(word));
        }

        var last = Update(id, new UsageContent(Usage(conversation, answer[..written])));
        last.FinishReason = reason;
        yield return last;
        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;

    /// <summary>Nothing to release.</summary>
    public void Dispose()
    {
    }

    private static IReadOnlyList<Passage> Passages(ChatOptions? options)
        => options?.AdditionalProperties?.TryGetValue(Passage.PropertyName, out var value) is true
            ? value as IReadOnlyList<Passage> ?? []
            : [];

    /// <summary>Words with the white space before them, so that joining them gives the text again.</summary>
    private static IEnumerable<string> Words(string text)
    {
        var start = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (!char.IsWhiteSpace(text[i]) || char.IsWhiteSpace(text[i - 1]))
                continue;
            yield return text[start..i];
            start = i;
        }

        if (start < text.Length)
            yield return text[start..];
    }

    private static UsageDetails Usage(List<ChatMessage> conversation, string answer)
    {
        var input = conversation.Sum(message => TokenEstimate.PerMessage + TokenEstimate.Count(message.Text));
        var output = TokenEstimate.Count(answer);
        return new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output };
    }

    private ChatResponseUpdate Update(string id, AIContent content) => new(ChatRole.Assistant, [content])
    {
        ResponseId = id,
        MessageId = id,
        ModelId = ModelId,
        CreatedAt = _time.GetUtcNow(),
    };
}
