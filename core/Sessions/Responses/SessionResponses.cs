using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions.Paging;

namespace OrleansChat.Core.Sessions.Responses;

/// <summary>The responses among a session's messages. Each is a question and an answer that name it.</summary>
internal sealed class SessionResponses(SessionStore store, TimeProvider time)
{
    /// <summary>Appends a response behind the one that it follows, durably. A repeat changes nothing.</summary>
    /// <exception cref="RequestException"><c>not_found</c>: there is no response that it could follow.</exception>
    public async ValueTask RecordAsync(RecordedResponse response, CancellationToken cancellationToken)
    {
        if (await LocateAsync(response.Id, cancellationToken) is not null)
            return;

        var parent = response.PreviousId is { } previous ? await FindAsync(previous, cancellationToken) : null;
        var now = time.GetUtcNow();
        store.Head.LastActiveAt = now;
        store.Head.Settings = store.Head.Settings with { Title = store.Head.Settings.Title ?? SessionTitle.Of(response.Question) };

        // The head comes before the pages, as with a turn: where another activation owns the session, it must not be written to.
        await store.FlushAsync();
        var log = store.Messages.Log;
        var question = Make(parent, log.Tail, MessageRole.User, response.Question, response.QuestionItems);
        var answer = Make(question, log.Tail.After(log.Limits, MessageTree.SizeOf(question)), MessageRole.Assistant, response.Answer, response.AnswerItems);
        log.Tail = await log.AppendAsync([question, answer]);
        store.Head.Leaf = answer.Message.Id;
        store.Head.Responses++;
        await store.FlushAsync();

        StoredMessage Make(StoredMessage? follows, PageTail tail, string role, string content, string items) => MessageTree.Follow(follows, new SessionMessage
        {
            Id = PagedId.New(now, tail.Next(log.Limits)),
            ParentId = follows?.Message.Id,
            Role = role,
            Content = content,
            ResponseId = response.Id,
            Items = items,
            CreatedAt = now,
        });
    }

    /// <summary>The path that ends in a response's answer, oldest first.</summary>
    /// <exception cref="RequestException"><c>not_found</c>: there is no such response, or it was deleted.</exception>
    public async ValueTask<IReadOnlyList<SessionMessage>> PathAsync(string id, CancellationToken cancellationToken)
    {
        var messages = new List<SessionMessage>();
        var end = await FindAsync(id, cancellationToken);
        await foreach (var message in store.Messages.WalkBackAsync(end.Message.Id, cancellationToken))
            messages.Add(message);

        messages.Reverse();
        return messages;
    }

    /// <summary>Hides a response; its words stay part of those that follow it.</summary>
    /// <returns>The id of its answer, and whether the session has nothing left to show.</returns>
    /// <exception cref="RequestException"><c>not_found</c>: there is no such response, or it was deleted.</exception>
    public async ValueTask<(string AnswerId, bool IsLast)> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await FindAsync(id, cancellationToken);
        store.Head.DeletedResponses.Add(id);
        await store.FlushAsync();
        return (answer.Message.Id, store.Head.DeletedResponses.Count >= store.Head.Responses && store.Head.Turns == default);
    }

    private async ValueTask<StoredMessage> FindAsync(string id, CancellationToken cancellationToken)
    {
        var found = store.Head.DeletedResponses.Contains(id) ? null : await LocateAsync(id, cancellationToken);
        return found ?? throw RequestException.NotFound("response", id);
    }

    /// <summary>A response's answer. Looked for from the end: what is asked for is nearly always the newest.</summary>
    private async ValueTask<StoredMessage?> LocateAsync(string id, CancellationToken cancellationToken)
    {
        await foreach (var stored in store.Messages.Log.ReadBackAsync(cancellationToken))
        {
            if (stored.Message.ResponseId == id && stored.Message.Role == MessageRole.Assistant)
                return stored;
        }

        return null;
    }
}
