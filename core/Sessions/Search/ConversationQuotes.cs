using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;

namespace OrleansChat.Core.Sessions.Search;

/// <summary>
/// Completes a page of found sessions with what the sessions themselves show of it. A session decides who may see it, so whatever a list still
/// has of one that is gone, or shared no more, is left out.
/// </summary>
internal static class ConversationQuotes
{
    private const int CallsAtOnce = 32;

    /// <summary>The page with snippets, without the sessions that the caller may not see.</summary>
    public static async ValueTask<SessionPage> AddAsync(
        IActorDirectory actors, ApiKey caller, SessionPage page, string query, CancellationToken cancellationToken)
    {
        if (page.Items.All(line => line.Matches is null))
            return page;

        var shown = new List<SessionLine>(page.Items.Count);
        foreach (var lines in page.Items.Chunk(CallsAtOnce))
            shown.AddRange((await Task.WhenAll(lines.Select(QuoteAsync))).OfType<SessionLine>());

        return page with { Items = shown };

        async Task<SessionLine?> QuoteAsync(SessionLine line)
        {
            if (line.Matches is not { } found)
                return line;

            try
            {
                var quotation = new SessionQuotation(query, [.. found.Select(match => match.MessageId)]);
                var quoted = await actors.Session(line.Id).QuoteAsync(caller, quotation, cancellationToken);
                return quoted.Items.Count > 0 ? line with { Matches = quoted.Items } : IsInTitle(line, query) ? line with { Matches = null } : null;
            }
            catch (RequestException refusal) when (refusal.Problem.Code == ProblemCode.NotFound.Name)
            {
                return null;
            }
        }
    }

    private static bool IsInTitle(SessionLine line, string query) => query
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .All(word => line.Title?.Contains(word, StringComparison.OrdinalIgnoreCase) is true);
}
