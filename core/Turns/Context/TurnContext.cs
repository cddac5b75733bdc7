using Microsoft.Extensions.AI;

namespace OrleansChat.Core.Turns.Context;

/// <summary>What is sent upstream for a turn.</summary>
/// <param name="Messages">The messages: one of the system's where there is anything to tell, then the conversation.</param>
/// <param name="Passages">The passages that are among them.</param>
/// <param name="InputTokens">Their tokens, as <see cref="TokenEstimate.Count"/> counts them.</param>
/// <param name="Coverage">How much of the conversation is in it.</param>
internal sealed record TurnContext(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<Passage> Passages, long InputTokens, ContextCoverage Coverage);
