using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Costs.InputRatios;

/// <summary>
/// The one owner of what is known of a model's input: how many tokens its bytes make at most. Processes tell it now and then what they saw, and
/// set aside by what it answers.
/// </summary>
public interface IInputRatioActor
{
    /// <summary>Takes note of settlements. A sample that comes twice makes an older one count a little less, and changes nothing else.</summary>
    /// <param name="sample">What was seen; nothing, to ask only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is to be set aside now.</returns>
    [Interleaves]
    ValueTask<InputBound> LearnAsync(InputSample sample, CancellationToken cancellationToken);
}
