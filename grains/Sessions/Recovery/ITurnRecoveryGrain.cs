namespace OrleansChat.Grains.Sessions.Recovery;

/// <summary>Brings back the turns that dead silos left open: one for the whole cluster, so that silos do not do it all at once.</summary>
[Alias("orleanschat.turn-recovery")]
internal interface ITurnRecoveryGrain : IGrainWithStringKey
{
    /// <summary>The key of the one recovery.</summary>
    const string Key = "all";

    /// <summary>Recovers now, and from now on every minute.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when every open turn is under way again or marked.</returns>
    [Alias("recover"), ResponseTimeout("00:05:00")]
    Task RecoverAsync(CancellationToken cancellationToken);
}
