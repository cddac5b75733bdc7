using System.ComponentModel;
using System.Globalization;
using System.Text;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Querying;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>The tool <c>search</c>.</summary>
internal sealed class SearchTool(CollectionSearch search, IActorDirectory actors)
{
    /// <summary>The tool.</summary>
    /// <param name="caller">Who pays.</param>
    public McpServerTool Create(McpCaller caller) => McpServerTool.Create(
        (
            [Description("What to look for, in words or as a question.")] string query,
            [Description("The collection to search; all of them without it.")] string? collection = null,
            [Description("At most so many passages, 1 to 100.")] int limit = 10,
            [Description("'hybrid', 'dense' or 'lexical'.")] string mode = "hybrid",
            CancellationToken cancellationToken = default) =>
            ToolAnswer.RunAsync(() => SearchAsync(new SearchPayer(caller.Key), query, collection, limit, mode, cancellationToken)),
        new McpServerToolCreateOptions
        {
            Name = "search",
            Title = "Search documents",
            Description = "Finds the passages of indexed documents that fit a question, by words and by meaning.",
            ReadOnly = true,
            Idempotent = true,
            OpenWorld = false,
        });

    /// <summary>The collections to look into: the one that is named, or all that the caller may use.</summary>
    /// <exception cref="RequestException">There is none at all, or the caller may not use the one that is named.</exception>
    public static async ValueTask<IReadOnlyList<string>> CollectionsAsync(IActorDirectory actors, ApiKey caller, string? named, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(named))
        {
            caller.CheckCollection(named);
            return [named];
        }

        string[] all = [.. (await actors.Collections().ListAsync(cancellationToken)).Where(caller.MayUse)];
        return all.Length > 0 ? all : throw new RequestException(Problem.Of(
            ProblemCode.NotFound, "No document is indexed yet.", "Index some: dotnet run --project standalone -- index FOLDER"));
    }

    private async Task<CallToolResult> SearchAsync(
        SearchPayer payer, string query, string? collection, int limit, string mode, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<SearchMode>(mode, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
            throw RequestException.Invalid("mode", $"There is no mode '{mode}'.", "Use hybrid, dense or lexical.");
        var names = await CollectionsAsync(actors, payer.Key, collection, cancellationToken);
        var answers = await Task.WhenAll(names.Select(name => search.SearchAsync(
            new SearchRequest { Collection = name, Query = query, Limit = limit, Mode = parsed, Payer = payer }, cancellationToken).AsTask()));

        // Scores of different collections cannot be compared, ranks can.
        SearchHit[] hits =
        [
            .. answers.SelectMany(answer => answer.Hits.Index()).OrderBy(ranked => ranked.Index)
                .ThenByDescending(ranked => ranked.Item.Scores.Lexical ?? 0).Take(limit).Select(ranked => ranked.Item),
        ];
        return ToolAnswer.Of(Describe(hits), SearchAnswer.Of(hits, answers));
    }

    private static string Describe(SearchHit[] hits)
    {
        if (hits.Length == 0)
            return "Nothing was found.";
        var text = new StringBuilder();
        for (var i = 0; i < hits.Length; i++)
        {
            var hit = hits[i];
            text.Append(CultureInfo.InvariantCulture, $"[{i + 1}] {hit.Path ?? hit.DocumentId}");
            if (hit.StartLine is { } start)
                text.Append(CultureInfo.InvariantCulture, $", lines {start}–{hit.EndLine}");
            text.Append(hit.Title is { } title ? $" ({title})" : "").Append('\n').Append(hit.Text.Trim()).Append("\n\n");
        }

        return text.ToString().TrimEnd();
    }
}
