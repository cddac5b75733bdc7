using OrleansChat.Core.Costs.InputRatios;
using OrleansChat.GrainInterfaces.Costs;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="IInputRatioGrain"/>.</summary>
internal sealed class InputRatioReference(IInputRatioGrain grain, CallRepetition calls) : IInputRatioActor
{
    public ValueTask<InputBound> LearnAsync(InputSample sample, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, sample, token) => target.LearnAsync(sample, token), sample, cancellationToken);
}
