using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Search.Collections;

/// <summary>
/// Reads from the version that answers. A migration may end, and the version before it be dropped, under whoever reads there: then the version that has
/// taken its place is read.
/// </summary>
internal static class ServingReads
{
    /// <summary>Reads.</summary>
    /// <param name="collection">The collection's owner.</param>
    /// <param name="name">The collection's name.</param>
    /// <param name="read">Reads from a version; throws <see cref="RequestException"/> (<c>not_found</c>) where the store does not have it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What was read.</returns>
    /// <exception cref="RequestException">There is no such collection.</exception>
    public static async ValueTask<T> ReadServingAsync<T>(
        this ICollectionActor collection, string name, Func<ServingVersion, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        var serving = await collection.FindServingAsync(cancellationToken) ?? throw RequestException.NoCollection(name);
        while (true)
        {
            try
            {
                return await read(serving);
            }
            catch (RequestException gone) when (gone.Problem.Code == ProblemCode.NotFound.Name)
            {
                if (await collection.FindServingAsync(cancellationToken) is not { } now || now.Version == serving.Version)
                    throw;
                serving = now;
            }
        }
    }
}
