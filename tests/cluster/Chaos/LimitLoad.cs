using OrleansChat.Core.Actors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Cluster.Tests.Chaos;

/// <summary>Many callers of one key, with a limit that is used up on the way.</summary>
internal sealed class LimitLoad(IActorDirectory actors)
{
    private const int Callers = 4;
    private static readonly RateLimits Limits = new() { RequestsPerDay = 500 };

    private long _asked;
    private int _admitted;

    /// <summary>Requests that were decided.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <summary>Requests that were admitted.</summary>
    public int Admitted => Volatile.Read(ref _admitted);

    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => AskAsync(caller, stop), CancellationToken.None)));

    /// <summary>No more was admitted than the limit, and not nothing.</summary>
    public void Check() => Assert.InRange(Admitted, 1, Limits.RequestsPerDay!.Value);

    private async Task AskAsync(int caller, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var request = new RateLimitRequest { OperationId = $"{caller}/{number}", Limits = Limits };
            if ((await actors.RateLimiter("key:hot").AcquireAsync(request, default)).Admitted)
                Interlocked.Increment(ref _admitted);

            Interlocked.Increment(ref _asked);
        }
    }
}
