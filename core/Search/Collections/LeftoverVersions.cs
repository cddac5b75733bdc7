using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Core.Search.Collections;

/// <summary>
/// Versions of a collection that its state does not name: made and not named yet, or not needed any more. They are on record until the store has dropped
/// them, so that a host which dies on the way leaves none for good. A number that was on record once is given to no other version.
/// </summary>
/// <param name="state">The collection's state, which keeps the record.</param>
/// <param name="collection">The collection's name.</param>
/// <param name="store">Where versions are.</param>
internal sealed class LeftoverVersions(CollectionState state, string collection, IVectorStore store)
{
    /// <summary>
    /// Makes a version that the state is to name next, and with that to take off the record. The store first: a version that is named and has no store is
    /// worse than one that has a store and no name.
    /// </summary>
    /// <param name="version">The version, higher than all before.</param>
    /// <param name="dimension">The length of its vectors.</param>
    /// <param name="saveAsync">Saves the state.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    /// <exception cref="StorageException">It could not be made.</exception>
    public async ValueTask MakeAsync(CollectionVersion version, int dimension, Func<ValueTask> saveAsync, CancellationToken cancellationToken)
    {
        state.Leftovers.Add(version.Number);
        state.HighestVersion = version.Number;
        await saveAsync();
        await store.CreateAsync(version, dimension, cancellationToken);
    }

    /// <summary>
    /// Drops what is on record, right after a save: that has kept everybody else from naming a version which they are about to make. What the store fails to
    /// drop stays on record; so does all of it where the host dies before the next save, as dropping a version twice does no harm.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the record has changed.</returns>
    public async ValueTask<bool> DropAsync(CancellationToken cancellationToken)
    {
        var before = state.Leftovers.Count;
        try
        {
            foreach (var number in state.Leftovers.ToList())
            {
                await store.DropAsync(new CollectionVersion(collection, number), cancellationToken);
                state.Leftovers.Remove(number);
            }
        }
        catch (StorageException)
        {
            // Nobody's call depends on it; it is tried again by whoever looks for work next.
        }

        return state.Leftovers.Count < before;
    }
}
