using Microsoft.Extensions.AI;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns.Summaries;

namespace OrleansChat.Core.Turns.Context;

/// <summary>
/// Fits a conversation into a window: the system prompt and the question always, then the best passages, then the newest messages until
/// one does not fit. What is older is left out; the model is given a summary of it where there is one, and is told so where there is none.
/// </summary>
internal static class ContextBuilder
{
    private const string Separator = "\n\n";
    private const string Note = "The beginning of this conversation was left out because it does not fit.";
    private const string SummaryHeading = "The beginning of this conversation does not fit. A summary of it:\n";

    /// <summary>The part of the window that a summary takes at most; a longer one is of another model's making and is passed over.</summary>
    private const int SummaryShare = 4;

    /// <summary>Messages between the window and the summary that are walked through to find it.</summary>
    private const int MaxGap = 200;

    /// <summary>Tokens that are sent in any case.</summary>
    public static long Fixed(string? systemPrompt, string question) =>
        TokenEstimate.Count(systemPrompt ?? "") + TokenEstimate.Count(question) + TokenEstimate.Count(Note) + (2 * TokenEstimate.PerMessage);

    /// <summary>An upper bound of the tokens beside passages and conversation.</summary>
    public static long UpperBound(string? systemPrompt, ConversationSummary? summary = null) =>
        TokenEstimate.UpperBound(systemPrompt ?? "") + TokenEstimate.UpperBound(summary is null ? Note : Write(summary))
        + (2 * Separator.Length) + TokenEstimate.PerMessage;

    /// <summary>Builds the context. The history is read only as far as it fits.</summary>
    /// <param name="window">The window.</param>
    /// <param name="systemPrompt">What the model is told first; null for nothing.</param>
    /// <param name="passages">The passages that were retrieved, best first.</param>
    /// <param name="history">The messages before the question, newest first.</param>
    /// <param name="question">The question.</param>
    /// <param name="summary">What is known of the conversation's beginning; null for nothing.</param>
    public static async ValueTask<TurnContext> BuildAsync(
        ContextWindow window, string? systemPrompt, IReadOnlyList<Passage> passages, IAsyncEnumerable<SessionMessage> history, string question,
        ConversationSummary? summary = null)
    {
        var used = Fixed(systemPrompt, question);
        var told = summary is null ? "" : Write(summary);
        if (used + TokenEstimate.Count(told) > window.Input || TokenEstimate.Count(told) > window.Input / SummaryShare)
            (summary, told) = (null, "");

        used += TokenEstimate.Count(told);
        var block = PassageBlock.Write(passages, Math.Min(window.Passages, window.Input - used), out var fitting);
        used += TokenEstimate.Count(block);

        var conversation = new List<ChatMessage> { new(ChatRole.User, question) };
        var (leftOut, isCovered) = (0, false);
        await foreach (var message in history)
        {
            isCovered = message.Id == summary?.LastMessageId;
            if (isCovered)
                break;

            var cost = TokenEstimate.Count(message.Content) + TokenEstimate.PerMessage;
            if (leftOut == 0 && used + cost <= window.Input)
            {
                used += cost;
                conversation.Add(new ChatMessage(message.Role == MessageRole.Assistant ? ChatRole.Assistant : ChatRole.User, message.Content));
            }
            else if (++leftOut > MaxGap || summary is null)
            {
                break;
            }
        }

        var coverage = leftOut > 0 ? ContextCoverage.Partial : isCovered ? ContextCoverage.Summarized : ContextCoverage.Whole;
        var beginning = isCovered ? told : leftOut > 0 ? Note : "";
        var system = string.Join(Separator, new[] { systemPrompt ?? "", block, beginning }.Where(part => part.Length > 0));
        if (system.Length > 0)
            conversation.Add(new ChatMessage(ChatRole.System, system));

        conversation.Reverse();
        return new TurnContext(conversation, fitting, used, coverage);
    }

    private static string Write(ConversationSummary summary) => SummaryHeading + summary.Text;
}
