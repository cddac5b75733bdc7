using OrleansChat.Core.Actors;
using OrleansChat.Core.Sessions.Paging;

namespace OrleansChat.Testing.Stored;

/// <summary>The types of all that actors put on record.</summary>
public static class StoredTypes
{
    /// <summary>Each type that the core names as that of a state, in the order of their names.</summary>
    public static IReadOnlyList<Type> All { get; } = [.. Find().OrderBy(type => type.ToString(), StringComparer.Ordinal)];

    private static HashSet<Type> Find()
    {
        var found = new HashSet<Type>();
        foreach (var used in TypesUsedByTheCore())
            Collect(used, found);
        return found;
    }

    /// <summary>The generic types that fields, parameters and variables of the core have: its assembly has a table of them.</summary>
    private static IEnumerable<Type> TypesUsedByTheCore()
    {
        const int typeSpecifications = 0x1B000000;
        var module = typeof(IActorContext).Module;
        for (var row = 1; ; row++)
        {
            Type? used = null;
            try
            {
                used = module.ResolveType(typeSpecifications + row);
            }
            catch (ArgumentOutOfRangeException)
            {
                yield break;
            }
            catch (ArgumentException)
            {
                // It has a parameter of the type or method that it stands in, and is named in full where that is used.
            }

            if (used is not null)
                yield return used;
        }
    }

    private static void Collect(Type used, HashSet<Type> found)
    {
        if (!used.IsGenericType || used.ContainsGenericParameters)
            return;

        var definition = used.GetGenericTypeDefinition();
        if (definition == typeof(IActorState<>))
            found.Add(used.GetGenericArguments()[0]);
        else if (definition.FullName == "OrleansChat.Core.Sessions.Paging.PagedLog`1")
            found.Add(typeof(LogPage<>).MakeGenericType(used.GetGenericArguments()));
        foreach (var argument in used.GetGenericArguments())
            Collect(argument, found);
    }
}
