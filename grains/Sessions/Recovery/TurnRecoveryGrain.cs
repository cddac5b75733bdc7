using OrleansChat.Core.Sessions;

namespace OrleansChat.Grains.Sessions.Recovery;

/// <inheritdoc cref="ITurnRecoveryGrain"/>
[GrainType("turn-recovery")]
internal sealed class TurnRecoveryGrain(OpenTurnRecovery recovery, SessionSweep sweep) : Grain, ITurnRecoveryGrain, IRemindable
{
    private const string Reminder = "open-turns";

    /// <summary>The shortest period that Orleans grants; the silos' own notice of a death is the fast way.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private bool _isReminded;

    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        if (!_isReminded)
            await this.RegisterOrUpdateReminder(Reminder, Period, Period);

        _isReminded = true;
        await recovery.RunAsync(cancellationToken);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        await recovery.RunAsync(CancellationToken.None);

        // Sessions that have expired go by the same clock: one sweep for the whole cluster.
        await sweep.RunAsync(CancellationToken.None);
    }
}
