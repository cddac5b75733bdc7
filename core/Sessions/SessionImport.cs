using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions.Paging;

namespace OrleansChat.Core.Sessions;

/// <summary>A session that was exported, to be made anew.</summary>
public sealed record SessionImport
{
    /// <summary>Its settings.</summary>
    public SessionSettings Settings { get; init; } = new();

    /// <summary>Its messages, each after the one that it follows. They get new ids.</summary>
    public IReadOnlyList<SessionMessage> Messages { get; init; } = [];

    /// <summary>The newest message of the active path; null for the last of <see cref="Messages"/>.</summary>
    public string? ActiveMessageId { get; init; }

    /// <summary>The messages as they will be stored, behind a log's end.</summary>
    /// <param name="tail">The log's end.</param>
    /// <param name="limits">When a page is full.</param>
    /// <param name="leaf">The new id of the active path's newest message; null without messages.</param>
    /// <returns>The messages.</returns>
    /// <exception cref="RequestException">Roles or parents do not make a tree.</exception>
    internal IReadOnlyList<StoredMessage> Place(PageTail tail, PageLimits limits, out string? leaf)
    {
        var placed = new Dictionary<string, StoredMessage>(Messages.Count, StringComparer.Ordinal);
        var stored = new List<StoredMessage>(Messages.Count);
        for (var i = 0; i < Messages.Count; i++)
        {
            var message = Messages[i];
            if (message.Role is not (MessageRole.User or MessageRole.Assistant))
                throw RequestException.Invalid($"messages[{i}].role", $"'messages[{i}].role' must be '{MessageRole.User}' or '{MessageRole.Assistant}'.");

            StoredMessage? parent = null;
            if (message.ParentId is { } parentId && !placed.TryGetValue(parentId, out parent))
                throw RequestException.Invalid($"messages[{i}].parentId", $"'messages[{i}].parentId' names no message before it.");

            var made = MessageTree.Follow(parent, message with { Id = PagedId.New(message.CreatedAt, tail.Next(limits)), ParentId = parent?.Message.Id });
            if (!placed.TryAdd(message.Id, made))
                throw RequestException.Invalid($"messages[{i}].id", $"'messages[{i}].id' is the id of an earlier message too.");

            stored.Add(made);
            tail = tail.After(limits, MessageTree.SizeOf(made));
        }

        leaf = ActiveMessageId is { } active
            ? placed.GetValueOrDefault(active)?.Message.Id
                ?? throw RequestException.Invalid("activeMessageId", "'activeMessageId' names none of the messages.")
            : stored is [.., var last] ? last.Message.Id : null;
        return stored;
    }
}

/// <summary>A part of the active path.</summary>
/// <param name="Limit">Messages at most, 1 to 1,000.</param>
/// <param name="Before">The message that the part ends before; null for the newest part.</param>
public sealed record MessageRange(int Limit, string? Before = null);
