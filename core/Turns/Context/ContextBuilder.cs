using Microsoft.Extensions.AI;
using OrleansChat.Core.Sessions;

namespace OrleansChat.Core.Turns.Context;

/// <summary>
/// Fits a conversation into a window: the system prompt and the question always, then the best passages, then the newest messages until
/// one does not fit. What is older is left out, and the model is told so.
/// </summary>
internal static class ContextBuilder
{
    private const string Separator = "\n\n";
    private const string Note = "The beginning of this conversation was left out because it does not fit.";

    /// <summary>Tokens that are sent in any case.</summary>
    public static long Fixed(string? systemPrompt, string question) =>
        TokenEstimate.Count(systemPrompt ?? "") + TokenEstimate.Count(question) + TokenEstimate.Count(Note) + (2 * TokenEstimate.PerMessage);

    /// <summary>An upper bound of the tokens beside passages and conversation.</summary>
    public static long UpperBound(string? systemPrompt) =>
        TokenEstimate.UpperBound(systemPrompt ?? "") + TokenEstimate.UpperBound(Note) + (2 * Separator.Length) + TokenEstimate.PerMessage;

    /// <summary>Builds the context. The history is read only as far as it fits.</summary>
    /// <param name="window">The window.</param>
    /// <param name="systemPrompt">What the model is told first; null for nothing.</param>
    /// <param name="passages">The passages that were retrieved, best first.</param>
    /// <param name="history">The messages before the question, newest first.</param>
    /// <param name="question">The question.</param>
    public static async ValueTask<TurnContext> BuildAsync(
        ContextWindow window, string? systemPrompt, IReadOnlyList<Passage> passages, IAsyncEnumerable<SessionMessage> history, string question)
    {
        var used = Fixed(systemPrompt, question);
        var block = PassageBlock.Write(passages, Math.Min(window.Passages, window.Input - used), out var fitting);
        used += TokenEstimate.Count(block);

        var conversation = new List<ChatMessage> { new(ChatRole.User, question) };
        var complete = true;
        await foreach (var message in history)
        {
            var cost = TokenEstimate.Count(message.Content) + TokenEstimate.PerMessage;
            if (used + cost > window.Input)
            {
                complete = false;
                break;
            }

            used += cost;
            conversation.Add(new ChatMessage(message.Role == MessageRole.Assistant ? ChatRole.Assistant : ChatRole.User, message.Content));
        }

        var system = string.Join(Separator, new[] { systemPrompt ?? "", block, complete ? "" : Note }.Where(part => part.Length > 0));
        if (system.Length > 0)
            conversation.Add(new ChatMessage(ChatRole.System, system));

        conversation.Reverse();
        return new TurnContext(conversation, fitting, used, complete);
    }
}
