using System.Diagnostics;
using System.Text.RegularExpressions;
using OrleansChat.Bench.Hosting;
using OrleansChat.Core.Search.Code.Finding;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Indexing;

namespace OrleansChat.Bench.Search;

/// <summary>
/// Indexes a folder of source code and asks for functions by their names. Which functions there are is told by one regular expression a language, line by
/// line, which knows nothing of the chunkers. Prints how often the first hit bears the name, and what was not found.
/// </summary>
internal static partial class FindCode
{
    private const int ShownMisses = 20;

    public static async Task<int> RunAsync(string[] args)
    {
        var folder = new DirectoryInfo(args is [var path, ..] && !path.StartsWith("--", StringComparison.Ordinal) ? path : ".");
        var count = Arguments.Number(args, "--names", 1_000);
        await using var host = await BenchHost.StartAsync(new OrleansChatOptions());
        var watch = Stopwatch.StartNew();
        var target = new LocalIndex(host.Get<CollectionCatalog>(), host.Get<CollectionIndexer>());
        var indexed = await FolderIndexing.RunAsync(folder, "code", target, (_, _) => { }, mirrors: false, CancellationToken.None);
        Console.WriteLine($"{indexed.Indexed:N0} files, {indexed.Chunks:N0} chunks, {indexed.Rejected.Count} rejected, {indexed.Chunks / watch.Elapsed.TotalSeconds:N0} chunks a second");

        var names = Names(folder);
        new Random(1).Shuffle(names);
        names = names[..Math.Min(count, names.Length)];
        var (first, times, misses) = (0, new List<double>(), new List<string>());
        foreach (var name in names)
        {
            var start = Stopwatch.GetTimestamp();
            var answer = await host.Get<CodeSearch>().FindAsync(new CodeRequest { Collection = "code", Query = name }, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (answer.Hits is [var best, ..] && best.Name == name)
                first++;
            else
                misses.Add($"{name} (found {(answer.Hits is [var other, ..] ? other.Symbol : "nothing")})");
        }

        times.Sort();
        Console.WriteLine($"{names.Length:N0} names, first hit bears the name: {100.0 * first / Math.Max(1, names.Length):F1} %; median {times[times.Count / 2]:F1} ms, p95 {times[times.Count * 95 / 100]:F1} ms");
        foreach (var miss in misses.Take(ShownMisses))
            Console.WriteLine($"  missed {miss}");
        return 0;
    }

    private static string[] Names(DirectoryInfo folder)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in FolderReader.Find(folder).Where(file => file.Length <= FolderReader.MaxFileBytes))
        {
            var expression = file.Extension switch
            {
                ".cs" or ".java" => Method(),
                ".py" => Def(),
                ".go" => Func(),
                ".js" or ".mjs" or ".ts" or ".tsx" or ".jsx" => Function(),
                ".rs" => Fn(),
                ".c" => CFunction(),
                _ => null,
            };
            if (expression is null)
                continue;
            foreach (var line in File.ReadLines(file.FullName))
            {
                if (expression.Match(line) is { Success: true } match)
                    names.Add(match.Groups["name"].Value);
            }
        }

        return [.. names.Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"^\s*(?:public|private|internal|protected|static)\s[^=;(""]*[\w>\]?]\s+(?<name>\w+)(?:<[\w, ]+>)?\([^;]*$")]
    private static partial Regex Method();

    [GeneratedRegex(@"^\s*(?:async\s+)?def\s+(?<name>\w+)\s*\(")]
    private static partial Regex Def();

    [GeneratedRegex(@"^func\s+(?:\([^)]*\)\s*)?(?<name>\w+)")]
    private static partial Regex Func();

    [GeneratedRegex(@"^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\s*\*?\s*(?<name>\w+)\s*\(")]
    private static partial Regex Function();

    [GeneratedRegex(@"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const\s+|async\s+|unsafe\s+)*fn\s+(?<name>\w+)")]
    private static partial Regex Fn();

    [GeneratedRegex(@"^(?:static\s+|inline\s+|const\s+)*\w[\w\s\*]*[\s\*](?<name>\w+)\([^;=""]*\)\s*\{?\s*$")]
    private static partial Regex CFunction();
}
