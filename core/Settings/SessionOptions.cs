using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>Sessions and turns.</summary>
public sealed record SessionOptions
{
    /// <summary>Passages retrieved for a turn.</summary>
    /// <value>The default is 6.</value>
    [Range(0, 100)]
    public int Passages { get; init; } = 6;

    /// <summary>Whether a model summarises the beginning of a chat that no longer fits its window, at the cost of the key that chats.</summary>
    /// <value>The default is true. Without it, what does not fit is left out.</value>
    public bool Summaries { get; init; } = true;

    /// <summary>Whether <c>GET /api/sessions?query=</c> searches what was said, beside titles.</summary>
    /// <value>The default is false. Once it is true, a chat can be found from its next use on; what is stored for it takes about as much room as the chat.</value>
    public bool Search { get; init; }

    /// <summary>Messages in a page of the session's log.</summary>
    /// <value>The default is 64.</value>
    [Range(2, 10_000)]
    public int MessagesPerPage { get; init; } = 64;

    /// <summary>How long a turn's events are kept after its end; then only the message is.</summary>
    /// <value>The default is 24 hours.</value>
    public TimeSpan TurnLogRetention { get; init; } = TimeSpan.FromHours(24);
}
