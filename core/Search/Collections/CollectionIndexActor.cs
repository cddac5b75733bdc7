using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Search.Collections;

/// <summary>Owns the list of collections.</summary>
/// <param name="state">The names.</param>
/// <param name="context">The activation.</param>
public sealed class CollectionIndexActor(IActorState<CollectionIndexState> state, IActorContext context) : ICollectionIndexActor
{
    /// <inheritdoc/>
    public async ValueTask AddAsync(string name, CancellationToken cancellationToken)
    {
        if (!state.Value.Names.Add(name))
            return;
        try
        {
            await state.SaveAsync(CancellationToken.None);
        }
        catch
        {
            context.Deactivate();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. state.Value.Names.Order(StringComparer.Ordinal)]);
}
