using System.Collections.Concurrent;

namespace OrleansChat.GrainInterfaces.Wire;

/// <summary>Which types travel as JSON: the product's own that <see cref="WireJson"/> knows.</summary>
internal static class WireTypes
{
    private static readonly ConcurrentDictionary<Type, bool> Known = new();

    /// <summary>Whether a type travels as JSON.</summary>
    public static bool Contains(Type type) => Known.GetOrAdd(type, static candidate =>
        candidate.Namespace?.StartsWith(nameof(OrleansChat), StringComparison.Ordinal) is true
        && !candidate.IsAssignableTo(typeof(Exception))
        && WireJson.Default.GetTypeInfo(candidate) is not null);
}
