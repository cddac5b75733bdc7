namespace OrleansChat.Bench.Accuracy;

/// <summary>When the process, or a silo, was killed.</summary>
internal sealed class KillLog
{
    /// <summary>How long a process may take to put a reservation on record, and the steps of a run in which it has the time to.</summary>
    private static readonly TimeSpan YoungReservation = TimeSpan.FromSeconds(3);
    private const int YoungSteps = 3;

    private readonly List<(long At, int Step)> _kills = [];

    /// <summary>Notes a kill.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <param name="step">The step of the run.</param>
    public void Add(long now, int step) => _kills.Add((now, step));

    /// <summary>Whether there was a kill since a moment.</summary>
    /// <param name="moment">The moment, in ticks.</param>
    /// <returns>Whether there was.</returns>
    public bool Since(long moment) => _kills.Exists(kill => kill.At > moment);

    /// <summary>Whether a call's reservation was too young to be on record when the process died.</summary>
    /// <param name="call">The call.</param>
    /// <returns>Whether it was.</returns>
    public bool MayHaveLost(Call call) => _kills.Exists(kill =>
        kill.At >= call.Asked && (kill.At < call.Answered + YoungReservation.Ticks || kill.Step < call.Step + YoungSteps));
}
