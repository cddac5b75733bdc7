using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Sessions;

/// <summary>A session as clients see it.</summary>
internal static class SessionViews
{
    /// <summary>A session with the messages that were asked for.</summary>
    public static async ValueTask<SessionView> OfAsync(SessionStore store, SessionScope scope, CancellationToken cancellationToken) =>
        Of(store, await MessagesAsync(store, scope, cancellationToken));

    /// <summary>A session with a part of its active path. The pages of the rest are not read.</summary>
    public static async ValueTask<SessionView> OfAsync(SessionStore store, MessageRange range, CancellationToken cancellationToken)
    {
        var question = range.Before is null ? store.Head.Open?.Question.Message : null;
        var messages = new List<SessionMessage>();
        if (question is not null)
            messages.Add(question);

        var leaf = question is not null ? question.ParentId : store.Head.Leaf;
        if (range.Before is { } before)
            leaf = (await store.Messages.Log.FindAsync(before) ?? throw RequestException.NotFound("message", before)).Message.ParentId;

        await foreach (var message in store.Messages.WalkBackAsync(leaf, cancellationToken))
        {
            if (messages.Count == range.Limit)
                break;

            messages.Add(message);
        }

        messages.Reverse();
        return Of(store, messages) with { Before = messages is [{ ParentId: not null } first, ..] ? first.Id : null };
    }

    /// <summary>A session with messages that were read before.</summary>
    public static SessionView Of(SessionStore store, IReadOnlyList<SessionMessage> messages)
    {
        var head = store.Head;
        return new SessionView
        {
            Id = store.Id,
            Title = head.Settings.Title,
            Model = head.Settings.Model,
            SystemPrompt = head.Settings.SystemPrompt,
            Collections = head.Settings.Collections,
            BudgetUsd = head.Settings.BudgetUsd,
            TtlMinutes = head.Settings.TtlMinutes,
            Shared = head.SharedWith is not null,
            CreatedAt = head.CreatedAt,
            LastActiveAt = head.LastActiveAt,
            ActiveTurnId = head.Open?.TurnId,
            ActiveMessageId = head.Leaf,
            Messages = messages,
        };
    }

    /// <summary>A session's line in its owner's list.</summary>
    public static SessionLine Line(SessionStore store) =>
        new(store.Id, store.Head.Settings.Title, store.Head.Settings.Model, store.Head.CreatedAt, store.Head.LastActiveAt, store.Head.SharedWith is not null);

    private static async ValueTask<IReadOnlyList<SessionMessage>> MessagesAsync(SessionStore store, SessionScope scope, CancellationToken cancellationToken)
    {
        var messages = new List<SessionMessage>();
        if (scope is SessionScope.Settings)
            return messages;

        // The question of a turn under way is shown although it joins the stored messages only with the answer.
        var question = store.Head.Open?.Question.Message;
        if (scope is SessionScope.Tree)
        {
            await foreach (var stored in store.Messages.Log.ReadAllAsync(cancellationToken))
                messages.Add(stored.Message);

            if (question is not null && !messages.Exists(message => message.Id == question.Id))
                messages.Add(question);

            return messages;
        }

        await foreach (var message in store.Messages.WalkBackAsync(question is null ? store.Head.Leaf : question.ParentId, cancellationToken))
            messages.Add(message);

        messages.Reverse();
        if (question is not null)
            messages.Add(question);

        return messages;
    }
}
