using System.Collections.Concurrent;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Bench.Accuracy;

/// <summary>Callers that die between two of their calls: from then on none of an operation's calls arrives.</summary>
internal sealed class CallerDeaths
{
    private readonly ConcurrentDictionary<string, int> _callsLeft = new(StringComparer.Ordinal);

    /// <summary>Decides when an operation's caller dies.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="calls">The calls of actors that still arrive.</param>
    public void Doom(string operationId, int calls) => _callsLeft[operationId] = calls;

    /// <summary>An operation's caller, if he has lived until now, lives on.</summary>
    /// <param name="operationId">The operation.</param>
    public void Spare(string operationId) => _callsLeft.TryRemove(operationId, out _);

    /// <summary>Counts a call.</summary>
    /// <param name="call">The call.</param>
    /// <returns>A task.</returns>
    /// <exception cref="CallerDiedException">Its caller is dead.</exception>
    public ValueTask CountAsync(ActorCall call)
    {
        // An operation's calls come one after the other until its caller dies.
        if (!_callsLeft.TryGetValue(call.OperationId, out var left))
            return default;

        if (left == 0)
            throw new CallerDiedException();

        _callsLeft[call.OperationId] = left - 1;
        return default;
    }
}
