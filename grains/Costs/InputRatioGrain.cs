using OrleansChat.Core.Costs.InputRatios;
using OrleansChat.GrainInterfaces.Costs;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Costs;

/// <summary>Hosts <see cref="InputRatioActor"/>.</summary>
[GrainType("input-ratio"), CollectionAgeLimit(Minutes = 30)]
internal sealed class InputRatioGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<InputRatioState>> state)
    : ActorGrain<InputRatioActor, InputRatioState>(state), IInputRatioGrain
{
    public ValueTask<InputBound> LearnAsync(InputSample sample, CancellationToken cancellationToken) => Actor.LearnAsync(sample, cancellationToken);
}
