namespace OrleansChat.Core.Turns.Summaries;

/// <summary>What a model made of the beginning of a conversation.</summary>
/// <param name="Text">The summary.</param>
/// <param name="LastMessageId">The newest message that is in it; every message before that one is in it too.</param>
public sealed record ConversationSummary(string Text, string LastMessageId);
