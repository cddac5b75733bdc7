namespace OrleansChat.Core.Sessions.Search;

/// <summary>One page of the turns that a list of sessions can be searched by; the stored value of <c>texts/{number}</c>.</summary>
public sealed class ConversationPage
{
    /// <summary>The turns, of whichever sessions.</summary>
    public List<StoredConversationTurn> Turns { get; set; } = [];
}

/// <summary>A turn as it is stored to be searched.</summary>
/// <param name="SessionId">Its session.</param>
/// <param name="MessageId">Its answer; its question where it has none.</param>
/// <param name="Text">The words of both.</param>
public sealed record StoredConversationTurn(string SessionId, string MessageId, string Text);
