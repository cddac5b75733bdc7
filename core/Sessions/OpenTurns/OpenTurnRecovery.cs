using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions;

/// <summary>What a host does once when it starts: it brings back the sessions that a dead host left with work under way.</summary>
/// <param name="actors">The actors.</param>
/// <param name="logger">The log.</param>
public sealed partial class OpenTurnRecovery(IActorDirectory actors, ILogger<OpenTurnRecovery> logger)
{
    private const int Concurrency = 16;

    /// <summary>Recovers every registered session. One that fails is logged and stays registered for the next start.</summary>
    /// <param name="cancellationToken">Stops the recovery.</param>
    /// <returns>How many sessions were recovered.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var recovered = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        foreach (var shard in OpenTurnShards.All)
        {
            var sessions = await actors.OpenTurns(shard).ListAsync(cancellationToken);
            await Parallel.ForEachAsync(sessions, options, async (session, stop) =>
            {
                if (await RecoverAsync(session, stop))
                    Interlocked.Increment(ref recovered);
            });
        }

        return recovered;
    }

    private async ValueTask<bool> RecoverAsync(string session, CancellationToken cancellationToken)
    {
        try
        {
            await actors.Session(session).RecoverAsync(cancellationToken);
            return true;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFailed(session, fault);
            return false;
        }
    }

    [LoggerMessage(310, LogLevel.Error, "Session {Session} could not be recovered; its open turn stays on record")]
    private partial void LogFailed(string session, Exception fault);
}
