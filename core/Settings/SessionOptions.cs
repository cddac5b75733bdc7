using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>Sessions and turns.</summary>
public sealed record SessionOptions
{
    /// <summary>
    /// Characters that a message can have and be stored in any case: as six bytes each in JSON, and with an event for each character, they stay within the
    /// 16 MiB of a journal's value.
    /// </summary>
    public const int MaxStoredCharacters = 2_000_000;

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

    /// <summary>Characters of an answer. A longer one is cut there: the upstream's call is stopped, and the turn is complete with the finish reason <c>length</c>.</summary>
    /// <value>The default is 1,000,000.</value>
    [Range(1, MaxStoredCharacters)]
    public int MaxAnswerCharacters { get; init; } = 1_000_000;

    /// <summary>How long a turn's events are kept after its end; then only the message is.</summary>
    /// <value>The default is 24 hours.</value>
    public TimeSpan TurnLogRetention { get; init; } = TimeSpan.FromHours(24);
}
