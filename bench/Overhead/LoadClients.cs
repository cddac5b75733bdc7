using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansChat.Bench.Overhead;

/// <summary>Callers of one server, each of whom asks one request at a time.</summary>
/// <param name="address">The server's.</param>
/// <param name="connections">How many callers there are, each with a connection.</param>
/// <param name="isStream">Whether they ask for a stream.</param>
/// <param name="http">What they ask with; none for a socket each and nothing else, so that what is measured is the server.</param>
internal sealed class LoadClients(string address, int connections, bool isStream, HttpClient? http = null)
{
    private readonly Uri _completions = new(address + "/v1/chat/completions");
    private readonly string _body = $$"""{"model":"default","stream":{{(isStream ? "true" : "false")}},"max_tokens":64,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"What does an actor promise, and to whom?"}]}""";

    /// <summary>Asks without a pause.</summary>
    /// <returns>Answers a second.</returns>
    public async Task<double> SaturateAsync(TimeSpan time)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => CountAsync(time))));
        return answers.Sum() / time.TotalSeconds;
    }

    /// <summary>Asks so many times.</summary>
    public async Task AskAsync(int requests) => await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
    {
        using var client = await ConnectAsync();
        for (var i = 0; i < requests / connections; i++)
            await client.AskAsync();
    })));

    /// <summary>
    /// Asks at a steady rate, spread over all connections. A request that had to wait for the answer before it is timed from when it was due, so
    /// that a server that stands still is not asked less.
    /// </summary>
    public async Task<Latencies> PaceAsync(double perSecond, TimeSpan time)
    {
        var times = new ConcurrentBag<List<double>>();
        var interval = TimeSpan.FromSeconds(connections / perSecond);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(async () =>
            times.Add(await MeasureAsync(interval * i / connections, interval, time)))));
        return Latencies.Of([.. times.SelectMany(list => list)]);
    }

    private async ValueTask<ILoadClient> ConnectAsync() =>
        http is null ? await RawClient.ConnectAsync(address, _body) : new HttpLoadClient(http, _completions, _body);

    private async Task<long> CountAsync(TimeSpan time)
    {
        using var client = await ConnectAsync();
        var answers = 0L;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; answers++)
            await client.AskAsync();

        return answers;
    }

    private async Task<List<double>> MeasureAsync(TimeSpan offset, TimeSpan interval, TimeSpan time)
    {
        using var client = await ConnectAsync();
        var times = new List<double>();
        var start = Stopwatch.GetTimestamp();
        for (var due = offset; due < time; due += interval)
        {
            var from = due;
            if (due - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait + TimeSpan.FromMilliseconds(0.5));

                // Timers are coarse; what they are late is not the server's.
                from = Stopwatch.GetElapsedTime(start);
            }

            await client.AskAsync();
            times.Add((Stopwatch.GetElapsedTime(start) - from).TotalMilliseconds);
        }

        return times;
    }
}
