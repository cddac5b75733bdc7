using System.Diagnostics;
using System.Net;
using OrleansChat.Bench.Overhead;
using OrleansChat.Bench.Search;

namespace OrleansChat.Bench.Sockets;

/// <summary>Many chats at a time over sockets: whether each event comes, how late the tokens are, and what a connection costs.</summary>
internal static class SocketBenchmark
{
    private const double MiB = 1024 * 1024;

    // What is compiled for the first connections is compiled once and belongs to none of them; that goes on for most of a minute.
    private const int WarmUp = 400;
    private const int WarmUpRounds = 2;
    private const int OpensAtOnce = 32;
    private const int BeginsAtOnce = 50;
    private const int SlowestCounted = 60_000;

    // A thousand chats begin a second: more at one instant are an overload, of which the gate refuses what its line does not hold.
    private static readonly TimeSpan BetweenBegins = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenSamples = TimeSpan.FromMilliseconds(500);

    public static async Task<int> RunAsync(string[] args)
    {
        var count = Arguments.Number(args, "--count", 2_000);
        var rate = Arguments.Number(args, "--rate", 30);
        var tokens = rate * Arguments.Number(args, "--seconds", 20);
        await using var server = await ChildProcess.StartBenchAsync("sockets-server", $"{rate}", $"{tokens}");
        var address = new Uri(server.Address);
        var place = new IPEndPoint(IPAddress.Loopback, address.Port);
        for (var round = 0; round < WarmUpRounds; round++)
            await ChatAsync(place, WarmUp, new int[SlowestCounted], static () => { }, static () => { });
        var before = server.ResidentBytes;

        var milliseconds = new int[SlowestCounted];
        var idle = 0L;
        var open = new List<long>();
        var (processor, start, own) = (server.ProcessorTime, Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var events = await ChatAsync(place, count, milliseconds, () => idle = server.ResidentBytes, () => open.Add(server.ResidentBytes));
        var took = Stopwatch.GetElapsedTime(start);
        var used = server.ProcessorTime - processor;

        Console.WriteLine($"{count:N0} chats of {tokens:N0} tokens, {rate} a second each: {events:N0} events, each once and in order, in {took.TotalSeconds:F1} s");
        Console.WriteLine($"added latency of a token: median {Percentile(milliseconds, 0.5)} ms, p99 {Percentile(milliseconds, 0.99)} ms");
        open.Sort();
        var (usual, most) = (open[open.Count / 2], open[^1]);
        Console.WriteLine(
            $"memory: {before / MiB:F0} MiB before, {idle / MiB:F0} MiB with all connected, {usual / MiB:F0} MiB while all streamed (median of {open.Count} readings, highest {most / MiB:F0}): {(idle - before) / 1024.0 / count:F1} KB a connection with its session, {(usual - before) / 1024.0 / count:F1} KB with a turn, highest {(most - before) / 1024.0 / count:F1} KB");
        Console.WriteLine(
            $"processor: server with the upstream {used.TotalSeconds:F1} s, {used.TotalMicroseconds / events:F1} µs an event; clients {(Environment.CpuUsage.TotalTime - own).TotalSeconds:F1} s");
        return 0;
    }

    private static async Task<long> ChatAsync(IPEndPoint server, int count, int[] milliseconds, Action whileConnected, Action whileStreaming)
    {
        var chats = Enumerable.Range(0, count).Select(_ => new SocketChat()).ToList();
        try
        {
            foreach (var batch in chats.Select((chat, number) => (chat, number)).Chunk(OpensAtOnce))
                await Task.WhenAll(batch.Select(opened => opened.chat.OpenAsync(server, opened.number)));

            whileConnected();
            var begun = new CountdownEvent(count);
            var running = new List<Task<long>>();
            foreach (var batch in chats.Chunk(BeginsAtOnce))
            {
                running.AddRange(batch.Select(chat => Task.Run(() => FollowAsync(chat, milliseconds, begun))));
                await Task.Delay(BetweenBegins);
            }

            await await Task.WhenAny(Task.Run(begun.Wait), Task.WhenAll(running));
            do
            {
                whileStreaming();
                await Task.Delay(BetweenSamples);
            }
            while (!running.Exists(chat => chat.IsCompleted));
            var events = (await Task.WhenAll(running)).Sum();
            if (chats.Sum(chat => chat.Refusals) is > 0 and var refusals)
                Console.WriteLine($"{refusals:N0} chats were refused for a while and asked again");
            return events;
        }
        finally
        {
            foreach (var chat in chats)
                chat.Dispose();
        }
    }

    private static async Task<long> FollowAsync(SocketChat chat, int[] milliseconds, CountdownEvent begun)
    {
        var isFirst = true;
        return await chat.ChatAsync(late =>
        {
            if (isFirst)
                begun.Signal();
            isFirst = false;
            Interlocked.Increment(ref milliseconds[Math.Clamp((int)late.TotalMilliseconds, 0, milliseconds.Length - 1)]);
        });
    }

    private static int Percentile(int[] milliseconds, double share)
    {
        var left = (long)Math.Ceiling(milliseconds.Sum(static count => (long)count) * share);
        var at = 0;
        while (at < milliseconds.Length - 1 && (left -= milliseconds[at]) > 0)
            at++;
        return at + 1;
    }
}
