using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions.Running;

/// <summary>
/// Rebuilds the log of a turn whose host died. Its deltas are lost, but their numbers may have been seen: every number up to the recorded
/// allowance is filled, so that a reader who comes back finds no gap and no number with another meaning.
/// </summary>
internal static class TurnReplay
{
    private static readonly TurnDelta Lost = new("");

    /// <summary>Events 1 to <paramref name="allowed"/>, to be numbered in this order.</summary>
    /// <param name="open">The turn as it is on record.</param>
    /// <param name="allowed">The highest number that may have been seen.</param>
    public static IEnumerable<TurnEvent> Of(OpenTurn open, long allowed)
    {
        var restarts = open.Restarts.ToDictionary(restart => restart.Sequence, restart => restart.Attempt);
        yield return open.Started;
        for (var sequence = 2L; sequence <= allowed; sequence++)
            yield return restarts.TryGetValue(sequence, out var attempt) ? new TurnRestarted(attempt) : Lost;
    }
}
