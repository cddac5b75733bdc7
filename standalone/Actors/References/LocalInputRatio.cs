using OrleansChat.Core.Costs.InputRatios;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="IInputRatioActor"/> in this process.</summary>
internal sealed class LocalInputRatio(ActorReference<IInputRatioActor> actor) : IInputRatioActor
{
    private static readonly ActorMethod Learn = ActorMethod.Of<IInputRatioActor>(nameof(LearnAsync));

    public ValueTask<InputBound> LearnAsync(InputSample sample, CancellationToken cancellationToken) =>
        actor.CallAsync(Learn, static (target, sample, token) => target.LearnAsync(sample, token), sample, cancellationToken);
}
