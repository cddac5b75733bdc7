using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions;

/// <summary>
/// What a host does every <see cref="Period"/>: it looks after the sessions whose deadline has come. Those that have expired are deleted,
/// of the others the logs of old turns are dropped. Its cost is that of the sessions that are due, however many there are.
/// </summary>
/// <param name="actors">The actors.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class SessionSweep(IActorDirectory actors, TimeProvider time, ILogger<SessionSweep> logger)
{
    /// <summary>How often it is to run; a session expires up to that much late, and answers as expired in time all the same.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private const int Concurrency = 8;
    private const int Batch = 256;
    private const int MaxBatches = 40;

    /// <summary>When a session that could not be looked after has its next turn, so that it does not hold up the others.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromHours(1);

    /// <summary>Looks after the sessions that are due, up to some 10,000 of each shard; the rest is for the next run.</summary>
    /// <param name="cancellationToken">Stops the sweep.</param>
    /// <returns>How many sessions were found to have expired.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var expired = 0;
        foreach (var shard in SessionDeadlineShards.All)
        {
            var deadlines = actors.SessionDeadlines(shard);
            for (var batch = 0; batch < MaxBatches; batch++)
            {
                var due = await deadlines.ListDueAsync(time.GetUtcNow(), Batch, cancellationToken);
                if (due.Items.Count == 0)
                    break;

                expired += await SweepAsync(deadlines, due, cancellationToken);
                await deadlines.RemoveAsync(due, cancellationToken);
            }
        }

        return expired;
    }

    private async Task<int> SweepAsync(ISessionDeadlinesActor deadlines, SessionDeadlineList due, CancellationToken cancellationToken)
    {
        var expired = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(due.Items.Select(item => item.SessionId).Distinct(), options, async (session, stop) =>
        {
            try
            {
                if (await actors.Session(session).SweepAsync(stop))
                    Interlocked.Increment(ref expired);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogFailed(session, fault);
                await deadlines.PutAsync(new SessionDeadline(session, time.GetUtcNow() + RetryAfter), stop);
            }
        });
        return expired;
    }

    [LoggerMessage(311, LogLevel.Warning, "Session {Session} could not be swept; another attempt follows in an hour")]
    private partial void LogFailed(string session, Exception fault);
}
