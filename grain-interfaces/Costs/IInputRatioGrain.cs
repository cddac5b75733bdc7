using Orleans.Concurrency;
using OrleansChat.Core.Costs.InputRatios;

namespace OrleansChat.GrainInterfaces.Costs;

/// <summary>What is known of a model's input, on the cluster.</summary>
[Alias("orleanschat.input-ratio")]
public interface IInputRatioGrain : IInputRatioActor, IGrainWithStringKey
{
    /// <inheritdoc cref="IInputRatioActor.LearnAsync"/>
    [Alias("learn"), AlwaysInterleave]
    new ValueTask<InputBound> LearnAsync(InputSample sample, CancellationToken cancellationToken);
}
