using System.ComponentModel;
using System.Globalization;
using System.Text;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Search.Code.Finding;
using OrleansChat.Core.Search.Metering;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>The tool <c>find_code</c>. When several symbols bear the name that was asked for and the client can ask its user, it is asked which.</summary>
internal sealed class FindCodeTool(CodeSearch search, IActorDirectory actors)
{
    private const int MaxChoices = 20;
    private const string Choice = "symbol";

    /// <summary>The tool.</summary>
    /// <param name="caller">Who pays.</param>
    public McpServerTool Create(McpCaller caller) => McpServerTool.Create(
        (
            McpServer server,
            [Description("A name, or a question about code.")] string query,
            [Description("The collection to search; all of them without it.")] string? collection = null,
            [Description("Only code in this language, such as 'csharp' or 'python'.")] string? language = null,
            [Description("At most so many symbols, 1 to 100.")] int limit = 10,
            CancellationToken cancellationToken = default) => ToolAnswer.RunAsync(() =>
            FindAsync(server, collection, new CodeRequest { Collection = "", Query = query, Language = language, Limit = limit, Payer = new SearchPayer(caller.Key) }, cancellationToken)),
        new McpServerToolCreateOptions
        {
            Name = "find_code",
            Title = "Find code",
            Description = "Finds functions and types in indexed source code: by name ('Parser.Read'), by use ('who calls Flush?') or by what they do.",
            ReadOnly = true,
            Idempotent = true,
            OpenWorld = false,
        });

    // The request's collection is filled in for each that is searched.
    private async Task<CallToolResult> FindAsync(McpServer server, string? collection, CodeRequest request, CancellationToken cancellationToken)
    {
        var names = await SearchTool.CollectionsAsync(actors, request.Payer.Key, collection, cancellationToken);
        var answer = await FindAllAsync(names, request, cancellationToken);
        if (answer.Alternatives.Count > 1 && await ChooseAsync(server, request.Query, answer.Alternatives, cancellationToken) is { } chosen)
            answer = await FindAllAsync(names, request with { Query = chosen }, cancellationToken);
        return ToolAnswer.Of(Describe(answer), answer);
    }

    private async Task<CodeAnswer> FindAllAsync(IReadOnlyList<string> collections, CodeRequest request, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(collections.Select(name => search.FindAsync(request with { Collection = name }, cancellationToken).AsTask()));
        return answers.Length == 1 ? answers[0] : answers[0] with
        {
            Hits = [.. answers.SelectMany(answer => answer.Hits).OrderByDescending(hit => hit.Score).Take(request.Limit)],
            Alternatives = [.. answers.SelectMany(answer => answer.Alternatives).Distinct().Order(StringComparer.Ordinal)],
            Degraded = answers.Any(answer => answer.Degraded),
            Cause = answers.FirstOrDefault(answer => answer.Degraded)?.Cause,
            TookMs = answers.Max(answer => answer.TookMs),
        };
    }

    // A client that cannot ask, or whose user does not choose, gets all of them.
    private static async Task<string?> ChooseAsync(McpServer server, string query, IReadOnlyList<string> symbols, CancellationToken cancellationToken)
    {
        if (server.ClientCapabilities?.Elicitation is null)
            return null;
        try
        {
            var answer = await server.ElicitAsync(
                new ElicitRequestParams
                {
                    Message = $"'{query}' is the name of {symbols.Count} symbols. Which one is meant?",
                    RequestedSchema = new ElicitRequestParams.RequestSchema
                    {
                        Properties = { [Choice] = new ElicitRequestParams.UntitledSingleSelectEnumSchema { Enum = [.. symbols.Take(MaxChoices)] } },
                        Required = [Choice],
                    },
                },
                cancellationToken);
            return answer.IsAccepted && answer.Content?.TryGetValue(Choice, out var chosen) is true ? chosen.GetString() : null;
        }
        catch (McpException)
        {
            return null;
        }
    }

    private static string Describe(CodeAnswer answer)
    {
        if (answer.Hits.Count == 0)
            return "Nothing was found.";
        var text = new StringBuilder();
        for (var i = 0; i < answer.Hits.Count; i++)
        {
            var hit = answer.Hits[i];
            text.Append(CultureInfo.InvariantCulture, $"[{i + 1}] {hit.Symbol} ({hit.Kind}, {hit.Language}) {hit.Path ?? hit.DocumentId}:{hit.StartLine}-{hit.EndLine}\n{hit.Text}\n\n");
        }

        return text.ToString().TrimEnd();
    }
}
