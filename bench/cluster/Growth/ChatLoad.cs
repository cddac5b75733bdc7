using OrleansChat.Core.Actors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Sessions;

namespace OrleansChat.Cluster.Bench.Growth;

/// <summary>Callers that open chats, look at them, and ask a few limits for each.</summary>
internal sealed class ChatLoad : IAsyncDisposable
{
    private const int Callers = 16;
    private const int Keys = 50;
    private static readonly ApiKey Owner = new() { Id = "owner" };
    private static readonly RateLimits Limits = new() { RequestsPerMinute = 100_000_000, MaxConcurrent = 10_000 };

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _all;
    private long _done;
    private long _errors;

    public ChatLoad(IActorDirectory actors) =>
        _all = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(actors, caller))));

    /// <summary>Chats so far.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Calls that failed.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _all;
        _stop.Dispose();
    }

    private async Task CallAsync(IActorDirectory actors, int caller)
    {
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            try
            {
                var operation = Guid.CreateVersion7().ToString();
                var limiter = actors.RateLimiter($"key:{(caller + number) % Keys}");
                await limiter.AcquireAsync(new RateLimitRequest { OperationId = operation, Limits = Limits }, default);
                var session = actors.Session(operation);
                await session.CreateAsync(Owner with { Id = $"owner-{caller}" }, new SessionSettings(), default);
                await session.DescribeAsync(Owner with { Id = $"owner-{caller}" }, SessionScope.ActivePath, default);
                await limiter.SettleAsync(operation, 0, default);
                Interlocked.Increment(ref _done);
            }
            catch (Exception fault)
            {
                if (Interlocked.Increment(ref _errors) <= 3)
                    Console.Error.WriteLine(fault);
            }
        }
    }
}
