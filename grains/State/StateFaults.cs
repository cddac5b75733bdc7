using Orleans.Storage;
using OrleansChat.Core.Errors;

namespace OrleansChat.Grains.State;

/// <summary>What an actor is told when its store fails.</summary>
internal static class StateFaults
{
    /// <summary>
    /// The exception of a failed call of the store. Where somebody else wrote first, this activation is not the actor's owner any more: it
    /// ends, and the caller finds the cause in the exception and asks a fresh one.
    /// </summary>
    public static StorageException Translate(Exception fault, string name, GrainId grain, Action deactivate)
    {
        if (fault is not InconsistentStateException)
            return new StorageException($"State '{name}' of {grain} could not be read or written.", fault);

        deactivate();
        return new StorageException($"State '{name}' of {grain} was written by another activation.", fault);
    }
}
