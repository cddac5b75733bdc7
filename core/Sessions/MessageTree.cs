using System.Runtime.CompilerServices;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Sessions.Paging;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions;

/// <summary>The messages of a session: a tree by their parents, stored in the order in which they came.</summary>
internal sealed class MessageTree(IActorContext context, int messagesPerPage, Func<Task> prove)
{
    /// <summary>Characters at which a page of messages is full: rewriting it takes well under a millisecond.</summary>
    private const long PageCharacters = 16_384;

    /// <summary>The messages in their order.</summary>
    public PagedLog<StoredMessage> Log { get; } = new(
        context,
        "messages",
        new PageLimits(messagesPerPage, PageCharacters),
        static stored => stored.Message.Id,
        SizeOf,
        prove);

    /// <summary>Characters of a message, as far as they grow with what was said.</summary>
    public static long SizeOf(StoredMessage stored) => stored.Message.Content.Length + (stored.Message.Items?.Length ?? 0);

    /// <summary>A message that would follow another.</summary>
    public static StoredMessage Follow(StoredMessage? parent, SessionMessage message) =>
        new(message, (parent?.PathTokens ?? 0) + TokenEstimate.UpperBound(message.Content) + TokenEstimate.PerMessage);

    /// <summary>The path that ends in a message, newest first. Pages are read as far as the caller goes.</summary>
    /// <param name="leaf">The id of the path's last message; null for an empty path.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    public async IAsyncEnumerable<SessionMessage> WalkBackAsync(string? leaf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (leaf is not null && await Log.FindAsync(leaf) is { } stored)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return stored.Message;
            leaf = stored.Message.ParentId;
        }
    }

    /// <summary>The newest message of a branch: of those that follow a message, directly or not, the last that came.</summary>
    /// <param name="id">A message of the branch.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The id of the newest, the message's own when nothing follows it; null for an unknown message.</returns>
    public async ValueTask<string?> NewestAfterAsync(string id, CancellationToken cancellationToken)
    {
        if (await Log.FindAsync(id) is null)
            return null;

        // A message is stored after the one that it follows, so one walk forward finds them all.
        var branch = new HashSet<string>(StringComparer.Ordinal) { id };
        var newest = id;
        await foreach (var stored in Log.ReadAllAsync(cancellationToken))
        {
            if (stored.Message.ParentId is { } parent && branch.Contains(parent))
            {
                branch.Add(stored.Message.Id);
                newest = stored.Message.Id;
            }
        }

        return newest;
    }
}
