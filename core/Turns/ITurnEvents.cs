namespace OrleansChat.Core.Turns;

/// <summary>Where a running turn tells what happens. Implemented by its session; used on the session's scheduler.</summary>
public interface ITurnEvents
{
    /// <summary>Shows an event to the readers, under the next sequence number.</summary>
    /// <param name="shown">The event.</param>
    /// <returns>A task that completes when the event may be and is shown: at once but where a record has to be written first.</returns>
    ValueTask AppendAsync(TurnEvent shown);

    /// <summary>What the attempt under way has said so far: the deltas since the last restart, whether anybody was shown them or not.</summary>
    /// <returns>The text.</returns>
    string ReadAnswer();

    /// <summary>Records what a call set aside: an attempt after the first, or the second call of an attempt.</summary>
    /// <param name="reserved">What it set aside.</param>
    /// <returns>A task that completes when it is on record, before which no upstream may be asked.</returns>
    ValueTask ReserveAsync(ReservedAttempt reserved);

    /// <summary>Records that a call of the attempt under way was taken back, so that nobody charges it as lost.</summary>
    /// <param name="hedge">Whether it is the second call.</param>
    /// <returns>A task.</returns>
    ValueTask ForgetAsync(bool hedge);

    /// <summary>Records that the answer begins again, then shows it.</summary>
    /// <param name="attempt">The attempt that begins.</param>
    /// <returns>A task that completes when both are done.</returns>
    ValueTask RestartAsync(int attempt);

    /// <summary>A sign of life, given at least once in <see cref="Streaming.LeaseRenewal.Period"/>.</summary>
    void KeepAlive();
}
