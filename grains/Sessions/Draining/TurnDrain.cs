using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Sessions;

namespace OrleansChat.Grains.Sessions.Draining;

/// <summary>
/// Lets the turns of a silo that stops come to their end, before anything else of the stop: while the silo is still a member like any other, so that
/// readers go on reading and nobody takes its sessions over.
/// </summary>
internal sealed partial class TurnDrain(RunningTurns turns, IOptions<TurnDrainOptions> options, TimeProvider time, ILogger<TurnDrain> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(TurnDrain), ServiceLifecycleStage.Last, static _ => Task.CompletedTask, StopAsync);

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        turns.Close();
        if (cancellationToken.IsCancellationRequested || turns.Count == 0)
            return;

        LogDraining(turns.Count, options.Value.Patience);
        await turns.WhenNoneAsync().WaitAsync(options.Value.Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (turns.Count > 0)
            LogHandedOver(turns.Count);
    }

    [LoggerMessage(601, LogLevel.Information, "Draining: {Count} turns may end within {Patience}; new ones begin on other silos")]
    private partial void LogDraining(int count, TimeSpan patience);

    [LoggerMessage(602, LogLevel.Warning, "{Count} turns did not end in time; other silos begin them again")]
    private partial void LogHandedOver(int count);
}
