using System.ComponentModel;
using System.Globalization;
using System.Text;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Search.Code.Finding;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>The tool <c>find_code</c>. When several symbols bear the name that was asked for and the client can ask its user, it is asked which.</summary>
internal sealed class FindCodeTool(CodeSearch search, IActorDirectory actors)
{
    private const int MaxChoices = 20;
    private const string Choice = "symbol";

    /// <summary>The tool.</summary>
    public McpServerTool Create() => McpServerTool.Create(FindAsync, new McpServerToolCreateOptions
    {
        Name = "find_code",
        Title = "Find code",
        Description = "Finds functions and types in indexed source code: by name ('Parser.Read'), by use ('who calls Flush?') or by what they do.",
        ReadOnly = true,
        Idempotent = true,
        OpenWorld = false,
    });

    private Task<CallToolResult> FindAsync(
        McpServer server,
        [Description("A name, or a question about code.")] string query,
        [Description("The collection to search; all of them without it.")] string? collection = null,
        [Description("Only code in this language, such as 'csharp' or 'python'.")] string? language = null,
        [Description("At most so many symbols, 1 to 100.")] int limit = 10,
        CancellationToken cancellationToken = default) => ToolAnswer.RunAsync(async () =>
    {
        var names = await SearchTool.CollectionsAsync(actors, collection, cancellationToken);
        var answer = await FindAllAsync(names, query, language, limit, cancellationToken);
        if (answer.Alternatives.Count > 1 && await ChooseAsync(server, query, answer.Alternatives, cancellationToken) is { } chosen)
            answer = await FindAllAsync(names, chosen, language, limit, cancellationToken);
        return ToolAnswer.Of(Describe(answer), answer);
    });

    private async Task<CodeAnswer> FindAllAsync(
        IReadOnlyList<string> collections, string query, string? language, int limit, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(collections.Select(name => search.FindAsync(
            new CodeRequest { Collection = name, Query = query, Language = language, Limit = limit }, cancellationToken).AsTask()));
        return answers.Length == 1 ? answers[0] : answers[0] with
        {
            Hits = [.. answers.SelectMany(answer => answer.Hits).OrderByDescending(hit => hit.Score).Take(limit)],
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
