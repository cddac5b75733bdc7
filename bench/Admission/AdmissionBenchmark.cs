using System.Diagnostics;
using OrleansChat.Bench.Hosting;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Bench.Admission;

/// <summary>
/// What admission costs with every scope enabled (limits of key, team, model and upstream; budgets of key, team, organisation and session),
/// and how many requests pass through it and are settled durably.
/// </summary>
internal static class AdmissionBenchmark
{
    private const int Keys = 1_000;

    /// <summary>So many keys, with their sessions and teams, stay in a processor's own cache of 1 MB.</summary>
    private const int InCache = 128;
    private const int Teams = 64;
    private const int Latencies = 20_000;
    private const int UnderWay = 100;
    private const int Settlers = 512;
    private const int Rounds = 5;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(2);
    private static readonly UpstreamTarget Target = new("up", "model");
    private static readonly LimitOptions Roomy = new()
    {
        RequestsPerMinute = 100_000_000,
        TokensPerMinute = 1_000_000_000_000,
        MaxConcurrent = 10_000_000,
    };

    public static async Task<int> RunAsync()
    {
        await using var host = await BenchHost.StartAsync(Settings());
        var admission = host.Get<IAdmission>();
        var everything = Enumerable.Range(0, Keys).Select(i => Key($"key-{i}", $"team-{i % Teams}")).ToArray();
        var keyOnly = Enumerable.Range(0, Keys).Select(i => Key($"alone-{i}", null)).ToArray();

        await LatencyAsync(admission, everything, "every scope", "default", session: true);
        await LatencyAsync(admission, keyOnly, "key alone", "free", session: false);
        await ThroughputAsync(admission, everything[..InCache], $"every scope, {InCache} keys", "default", session: true);
        await ThroughputAsync(admission, everything, $"every scope, {Keys} keys", "default", session: true);
        await ThroughputAsync(admission, keyOnly, $"key alone, {Keys} keys", "free", session: false);
        await ThroughputAsync(admission, keyOnly[..1], "key alone, one key", "free", session: false);
        await SettlementsAsync(admission, everything, $"every scope, {Keys} keys", "default", session: true);
        await SettlementsAsync(admission, keyOnly[..1], "key alone, one key", "free", session: false);
        return 0;
    }

    private static async Task LatencyAsync(IAdmission admission, ApiKey[] keys, string label, string model, bool session)
    {
        var ticks = new long[Latencies];
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < Latencies; i++)
            {
                var request = Request($"{label}-{pass}-{i}", keys[i % keys.Length], model, session);
                var started = Stopwatch.GetTimestamp();
                var decision = await admission.AdmitAsync(request, default);
                ticks[i] = Stopwatch.GetTimestamp() - started;
                await admission.ReleaseAsync(decision.Grant!, default);
            }
        }

        Array.Sort(ticks);
        Console.WriteLine($"admission, {label}: median {Microseconds(ticks[Latencies / 2]):F1} us, p99 {Microseconds(ticks[Latencies * 99 / 100]):F1} us");
    }

    private static async Task ThroughputAsync(IAdmission admission, ApiKey[] keys, string label, string model, bool session)
    {
        // As many requests are under way as a busy gateway has; each makes room for the next.
        var open = new AdmissionGrant[Environment.ProcessorCount, UnderWay];
        await ShowAsync($"admitted and released, {label}", Environment.ProcessorCount, async (round, worker, i) =>
        {
            var request = Request($"{label}/{round}/{worker}/{i}", keys[((i * Environment.ProcessorCount) + worker) % keys.Length], model, session);
            var decision = await admission.AdmitAsync(request, default);
            if (open[worker, i % UnderWay] is { } oldest)
                await admission.ReleaseAsync(oldest, default);

            open[worker, i % UnderWay] = decision.Grant ?? throw new InvalidOperationException(decision.Refusal!.Detail);
        });
    }

    private static Task SettlementsAsync(IAdmission admission, ApiKey[] keys, string label, string model, bool session) =>
        ShowAsync($"admitted and durably settled, {label}", Settlers, async (round, worker, i) =>
        {
            var request = Request($"settle/{label}/{round}/{worker}/{i}", keys[((i * Settlers) + worker) % keys.Length], model, session);
            var decision = await admission.AdmitAsync(request, default);
            await admission.SettleAsync(decision.Grant!, new TokenUsage(80, 20), Target, default);
        });

    /// <summary>Prints the median round of several, after one for the compiler.</summary>
    private static async Task ShowAsync(string label, int workers, Func<int, int, int, Task> operation)
    {
        var rounds = new List<(double PerSecond, double Microseconds, long Bytes)>();
        for (var round = 0; round <= Rounds; round++)
        {
            var (allocated, processor, number) = (GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime, round);
            var (count, elapsed) = await HammerAsync(workers, (worker, i) => operation(number, worker, i));
            if (round > 0)
                rounds.Add((count / elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / count, (GC.GetTotalAllocatedBytes() - allocated) / count));
        }

        rounds.Sort();
        var (perSecond, busy, each) = rounds[Rounds / 2];
        Console.WriteLine($"{label}: {perSecond:N0} a second ({rounds[0].PerSecond:N0} to {rounds[^1].PerSecond:N0}), {busy:F1} us of processor time and {each:N0} B each");
    }

    private static async Task<(long Count, TimeSpan Elapsed)> HammerAsync(int workers, Func<int, int, Task> operation)
    {
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            var count = 0;
            while (Stopwatch.GetElapsedTime(started) < Length)
                await operation(worker, count++);

            return (long)count;
        })));
        return (counts.Sum(), Stopwatch.GetElapsedTime(started));
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;

    private static AdmissionRequest Request(string id, ApiKey key, string model, bool session) => new()
    {
        OperationId = id,
        IsNew = true,
        Key = key,
        Model = model,
        SessionId = session ? key.Id : null,
        SessionBudget = session ? new Budget(NanoUsd.Most, BudgetWindow.Total) : null,
        InputTokens = 100,
        OutputTokens = 100,
    };

    private static ApiKey Key(string id, string? team) =>
        new() { Id = id, Team = team, Limits = Roomy.ToLimits(), Budget = new Budget(NanoUsd.Most, BudgetWindow.Month) };

    private static OrleansChatOptions Settings()
    {
        var budget = new BudgetOptions { Usd = 1_000_000_000 };
        return new OrleansChatOptions
        {
            Org = new OrgOptions { Budget = budget },
            Teams = [.. Enumerable.Range(0, Teams).Select(i => new TeamOptions { Id = $"team-{i}", Limits = Roomy, Budget = budget })],
            Upstreams = [new UpstreamOptions { Id = "up", BaseUrl = "http://127.0.0.1:1/v1", Limits = Roomy }],
            Models =
            [
                new ModelOptions { Id = "default", Route = ["up/model"], InputUsdPerMillion = 1, OutputUsdPerMillion = 1, Limits = Roomy },
                new ModelOptions { Id = "free", Route = ["builtin/extractive"], InputUsdPerMillion = 1, OutputUsdPerMillion = 1 },
            ],
        };
    }
}
