using OrleansChat.Core.Search.Querying;

namespace OrleansChat.Core.Sessions.Search;

/// <summary>Shows what a search found in a session, from the messages themselves.</summary>
internal static class ConversationQuoting
{
    /// <summary>The matches of a query in some messages and in the questions that these answer.</summary>
    /// <param name="store">The session.</param>
    /// <param name="quotation">The query and the messages.</param>
    /// <returns>The matches, in the order of the messages; none of what is gone meanwhile.</returns>
    public static async ValueTask<SessionMatchList> QuoteAsync(SessionStore store, SessionQuotation quotation)
    {
        var query = new QueryTerms(quotation.Query);
        var matches = new List<SessionMatch>();
        foreach (var id in quotation.MessageIds)
        {
            if (await store.Messages.Log.FindAsync(id) is not { Message: var message })
                continue;

            var asked = message is { Role: MessageRole.Assistant, ParentId: { } parent } ? await store.Messages.Log.FindAsync(parent) : null;
            if (Best(query, message, asked?.Message) is { } match && !store.Head.DeletedResponses.Contains(message.ResponseId ?? ""))
                matches.Add(match);
        }

        return new SessionMatchList(matches);
    }

    /// <summary>The one with more of the query; of equals, the question, which was first.</summary>
    private static SessionMatch? Best(QueryTerms query, SessionMessage message, SessionMessage? question)
    {
        var (shown, snippet) = (message, Snippet.Of(message.Content, query));
        if (question is not null && Snippet.Of(question.Content, query) is var other && other.Terms >= snippet.Terms)
            (shown, snippet) = (question, other);

        return snippet.Terms == 0
            ? null
            : new SessionMatch { MessageId = shown.Id, Role = shown.Role, Snippet = snippet.Text, Highlights = snippet.Highlights };
    }
}
