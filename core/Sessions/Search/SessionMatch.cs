using OrleansChat.Core.Search.Querying;

namespace OrleansChat.Core.Sessions.Search;

/// <summary>A message that has words of a query.</summary>
public sealed record SessionMatch
{
    /// <summary>The message. A session that is opened at its branch shows it.</summary>
    public required string MessageId { get; init; }

    /// <summary><c>user</c> or <c>assistant</c>.</summary>
    public string Role { get; init; } = "";

    /// <summary>The part of the message where most of the words are, some 240 characters.</summary>
    public string Snippet { get; init; } = "";

    /// <summary>Where <see cref="Snippet"/> has words of the query.</summary>
    public IReadOnlyList<TextRange> Highlights { get; init; } = [];
}

/// <summary>Messages of one session that have words of a query.</summary>
/// <param name="Items">The messages, best first.</param>
public sealed record SessionMatchList(IReadOnlyList<SessionMatch> Items);

/// <summary>Asks a session for what it knows of matches.</summary>
/// <param name="Query">The query.</param>
/// <param name="MessageIds">The messages that were found, best first.</param>
public sealed record SessionQuotation(string Query, IReadOnlyList<string> MessageIds);
