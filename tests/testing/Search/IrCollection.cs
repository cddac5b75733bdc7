using System.Globalization;
using System.Text.Json;

namespace OrleansChat.Testing.Search;

/// <summary>A public search test collection: documents, queries and relevance judgments.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Documents">What is searched.</param>
/// <param name="Queries">The queries that have judgments.</param>
/// <param name="Judgments">By query id, the grade (above 0) of each relevant document.</param>
public sealed record IrCollection(
    string Name,
    IReadOnlyList<IrDocument> Documents,
    IReadOnlyList<IrQuery> Queries,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Judgments)
{
    /// <summary>The environment variable that names the folder with the collections.</summary>
    public const string FolderVariable = "ORLEANSCHAT_IR_DATA";

    /// <summary>
    /// The folder of the collections: the environment variable's, or <c>../shared/data/ir</c> beside a folder above this program;
    /// null when there is neither.
    /// </summary>
    public static string? FindFolder()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named)
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data", "ir");
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    }

    /// <summary>Reads <c>corpus.jsonl</c>, <c>queries.jsonl</c> and <c>qrels.tsv</c>.</summary>
    public static IrCollection Load(string folder)
    {
        var judgments = File.ReadLines(Path.Combine(folder, "qrels.tsv"))
            .Select(line => line.Split('\t'))
            .GroupBy(fields => fields[0])
            .ToDictionary(
                query => query.Key,
                IReadOnlyDictionary<string, int> (query) =>
                    query.ToDictionary(fields => fields[1], fields => int.Parse(fields[2], CultureInfo.InvariantCulture)));
        var queries = Read<IrQuery>(Path.Combine(folder, "queries.jsonl")).Where(query => judgments.ContainsKey(query.Id)).ToArray();
        return new IrCollection(Path.GetFileName(folder), Read<IrDocument>(Path.Combine(folder, "corpus.jsonl")), queries, judgments);
    }

    private static T[] Read<T>(string path) =>
        [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<T>(line, JsonSerializerOptions.Web)!)];
}

/// <summary>A document of a test collection.</summary>
public sealed record IrDocument(string Id, string Title, string Text);

/// <summary>A query of a test collection.</summary>
public sealed record IrQuery(string Id, string Text);
