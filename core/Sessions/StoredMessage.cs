namespace OrleansChat.Core.Sessions;

/// <summary>A message as it is stored.</summary>
/// <param name="Message">The message.</param>
/// <param name="PathTokens">
/// An upper bound of the tokens of this message and of all that it follows, so that a reservation needs no walk.
/// </param>
public sealed record StoredMessage(SessionMessage Message, long PathTokens);
