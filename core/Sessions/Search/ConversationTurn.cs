namespace OrleansChat.Core.Sessions.Search;

/// <summary>What was said in one turn, as it is searched.</summary>
/// <param name="MessageId">The turn's answer; its question where it has none.</param>
/// <param name="Text">The words of both; empty to forget the turn.</param>
public sealed record ConversationTurn(string MessageId, string Text);

/// <summary>Turns of one session.</summary>
/// <param name="Items">The turns.</param>
public sealed record ConversationTurnList(IReadOnlyList<ConversationTurn> Items);
