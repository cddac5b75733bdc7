using System.Text;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns.Context;

namespace OrleansChat.Core.Turns.Summaries;

/// <summary>What a model is told to make a summary of.</summary>
/// <param name="Context">The messages that are sent.</param>
/// <param name="LastMessageId">The newest message that is in them.</param>
/// <param name="UpperBound">The most tokens that they can be.</param>
internal sealed record SummaryText(TurnContext Context, string LastMessageId, long UpperBound)
{
    /// <summary>Half of the window stays with the newest messages, so that a summary is due once in half a window and not with every turn.</summary>
    private const int KeptShare = 2;

    private const string Instruction =
        "You keep the memory of a conversation whose beginning no longer fits. Write one summary of what you are given, in the language of the conversation. "
        + "Keep names, numbers, decisions, preferences and open questions; leave out greetings and wording. Answer with the summary alone.";

    private const string SoFar = "Summary so far:\n";
    private const string Next = "\n\nMessages that follow:\n";

    /// <summary>Gathers what is to be summarised: what lies between the newest messages and the summary so far.</summary>
    /// <param name="work">The summary to be written.</param>
    /// <param name="window">The window of the model that writes it.</param>
    /// <returns>The text; null when there is nothing to add to the summary so far.</returns>
    public static async ValueTask<SummaryText?> GatherAsync(SummaryWork work, ContextWindow window)
    {
        var kept = window.Input / KeptShare;
        var before = work.Before is null ? "" : SoFar + work.Before.Text;
        var room = window.Input - TokenEstimate.Count(Instruction) - TokenEstimate.Count(before) - TokenEstimate.Count(Next) - (2 * TokenEstimate.PerMessage);
        var lines = new List<string>();
        string? last = null;
        await foreach (var message in work.Path)
        {
            if (message.Id == work.Before?.LastMessageId)
                break;

            if (kept > 0)
            {
                kept -= TokenEstimate.Count(message.Content) + TokenEstimate.PerMessage;
                continue;
            }

            var line = $"{(message.Role == MessageRole.Assistant ? "Assistant" : "User")}: {message.Content}\n";
            room -= TokenEstimate.Count(line);
            if (room < 0)
                break;

            lines.Add(line);
            last ??= message.Id;
        }

        return last is null ? null : Of(before, lines, last);
    }

    private static SummaryText Of(string before, List<string> newestFirst, string last)
    {
        var text = new StringBuilder(before).Append(Next);
        for (var i = newestFirst.Count - 1; i >= 0; i--)
            text.Append(newestFirst[i]);

        var asked = text.ToString();
        var tokens = TokenEstimate.Count(Instruction) + TokenEstimate.Count(asked) + (2 * TokenEstimate.PerMessage);
        ChatMessage[] messages = [new(ChatRole.System, Instruction), new(ChatRole.User, asked)];
        return new SummaryText(
            new TurnContext(messages, [], tokens, ContextCoverage.Whole),
            last,
            TokenEstimate.UpperBound(Instruction) + TokenEstimate.UpperBound(asked) + (2 * TokenEstimate.PerMessage));
    }
}
