using System.Collections.Concurrent;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>The acquires of each scope that this process has asked.</summary>
internal sealed class AcquireMerging(CallRepetition calls)
{
    private readonly ConcurrentDictionary<string, AcquireMerge> _merges = new(StringComparer.Ordinal);

    /// <summary>The acquires of a scope.</summary>
    public AcquireMerge Of(string scope) => _merges.GetOrAdd(scope, static (_, repetition) => new AcquireMerge(repetition), calls);
}
