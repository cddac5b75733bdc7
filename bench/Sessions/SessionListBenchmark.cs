using System.Globalization;
using OrleansChat.Bench.Hosting;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Actors;

namespace OrleansChat.Bench.Sessions;

/// <summary>A key with many sessions and a chat of many messages: what a page of either takes.</summary>
internal static class SessionListBenchmark
{
    private const int Messages = 10_000;
    private const int Page = 50;
    private const int AtOnce = 64;
    private static readonly ApiKey Caller = new() { Id = "bench" };

    public static async Task<int> RunAsync(string[] arguments)
    {
        var count = arguments is ["--count", var given] ? int.Parse(given, CultureInfo.InvariantCulture) : 100_000;
        await using var host = await BenchHost.StartAsync(new OrleansChatOptions());
        var actors = host.Get<LocalActorDirectory>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, token) =>
                await actors.Session(Guid.CreateVersion7().ToString()).CreateAsync(Caller, new SessionSettings { Title = $"Session {number}" }, token));

        var pages = new List<double>();
        for (string? cursor = null; ;)
        {
            var start = TimeProvider.System.GetTimestamp();
            var page = await SessionLists.ListAsync(actors, Caller, Page, cursor, null, default);
            pages.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            if (page.NextCursor is null)
                break;

            cursor = page.NextCursor;
        }

        Print($"a page of {Page} of {count} sessions", pages);
        Print($"a page of {Page} whose title has a rare word", await MeasureAsync(async () => await SessionLists.ListAsync(actors, Caller, Page, null, "99999", default)));
        await MeasureChatAsync(actors);
        return 0;
    }

    private static async Task MeasureChatAsync(LocalActorDirectory actors)
    {
        var now = TimeProvider.System.GetUtcNow();
        var messages = Enumerable.Range(0, Messages).Select(number => new SessionMessage
        {
            Id = $"{number}",
            ParentId = number == 0 ? null : $"{number - 1}",
            Role = number % 2 == 0 ? MessageRole.User : MessageRole.Assistant,
            Content = string.Concat(Enumerable.Repeat($"Message {number} of a long chat. ", 10)),
            CreatedAt = now,
        }).ToList();
        var session = actors.Session(Guid.CreateVersion7().ToString());
        await session.ImportAsync(Caller, new SessionImport { Messages = messages }, default);
        Print($"the newest {Page} of {Messages} messages", await MeasureAsync(async () => await session.ReadPathAsync(Caller, new MessageRange(Page), default)));
        Print($"all {Messages} messages", await MeasureAsync(async () => await session.DescribeAsync(Caller, SessionScope.ActivePath, default)));
    }

    private static async Task<List<double>> MeasureAsync(Func<Task> call)
    {
        var times = new List<double>();
        for (var run = 0; run < 50; run++)
        {
            var start = TimeProvider.System.GetTimestamp();
            await call();
            times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    }

    private static void Print(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what}: median {times[times.Count / 2]:0.00} ms, p99 {times[times.Count * 99 / 100]:0.00} ms, longest {times[^1]:0.00} ms"));
    }
}
