using Microsoft.Extensions.Logging;
using OrleansChat.Core.Sessions;

namespace OrleansChat.Grains.Sessions.Recovery;

/// <inheritdoc cref="ITurnRecoveryGrain"/>
[GrainType("turn-recovery")]
internal sealed partial class TurnRecoveryGrain(OpenTurnRecovery recovery, SessionSweep sweep, ILogger<TurnRecoveryGrain> logger)
    : Grain, ITurnRecoveryGrain, IRemindable
{
    private const string Reminder = "open-turns";

    /// <summary>The shortest period that Orleans grants; the silos' own notice of a death is the fast way.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private Task _round = Task.CompletedTask;
    private bool _isReminded;

    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        if (!_isReminded)
            await this.RegisterOrUpdateReminder(Reminder, Period, Period);

        _isReminded = true;
        await recovery.RunAsync(cancellationToken);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        // A tick is a call that must be answered within the common timeout; a round over thousands of turns may take longer.
        if (_round.IsCompleted)
        {
            DelayDeactivation(2 * Period);
            _round = RunAsync();
        }

        return Task.CompletedTask;
    }

    private async Task RunAsync()
    {
        try
        {
            await recovery.RunAsync(CancellationToken.None);

            // Sessions that have expired go by the same clock: one sweep for the whole cluster.
            await sweep.RunAsync(CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(606, LogLevel.Warning, "A round over open turns and expired sessions broke off; the next begins within a minute")]
    private partial void LogFailed(Exception fault);
}
