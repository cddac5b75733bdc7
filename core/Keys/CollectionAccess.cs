using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Keys;

/// <summary>The collections that a key may use: search, fill, migrate and answer from.</summary>
public static class CollectionAccess
{
    /// <summary>Whether a key may use a collection.</summary>
    /// <param name="key">The key.</param>
    /// <param name="collection">The collection's name; it need not exist.</param>
    /// <returns>Whether it may.</returns>
    public static bool MayUse(this ApiKey key, string collection)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Collections?.Contains(collection, StringComparer.Ordinal) ?? true;
    }

    /// <summary>Refuses a collection that a key may not use, whether it exists or not.</summary>
    /// <param name="key">The key.</param>
    /// <param name="collection">The collection's name.</param>
    /// <exception cref="RequestException"><c>forbidden</c>: the key may not use it; those that it may are named.</exception>
    public static void CheckCollection(this ApiKey key, string collection)
    {
        if (key.MayUse(collection))
            return;

        var allowed = string.Join(", ", key.Collections ?? []);
        throw new RequestException(Problem.Of(
            ProblemCode.Forbidden,
            $"Key '{key.Id}' may not use this collection.",
            allowed.Length == 0 ? "Ask the operator for a collection." : $"Use one of: {allowed}.") with
        { Subject = "collection" });
    }

    /// <summary>What is left of collections that are asked for, when a key may use some only.</summary>
    /// <param name="key">The key.</param>
    /// <param name="asked">The names of those that are asked for; null for all there are.</param>
    /// <returns>The names of those to search; null for all there are.</returns>
    public static IReadOnlyList<string>? CollectionsOf(this ApiKey key, IReadOnlyList<string>? asked)
    {
        ArgumentNullException.ThrowIfNull(key);
        return asked is null ? key.Collections : key.Collections is null ? asked : [.. asked.Where(key.MayUse)];
    }
}
