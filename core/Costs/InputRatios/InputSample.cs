namespace OrleansChat.Core.Costs.InputRatios;

/// <summary>What one process saw of a model's input since it last told.</summary>
/// <param name="Settlements">Settlements whose upstream reported the input's tokens, at least 0.</param>
/// <param name="MostPerMillion">The most tokens that one of them had for a million bytes.</param>
public sealed record InputSample(long Settlements, long MostPerMillion);

/// <summary>How many tokens to set aside for a model's input.</summary>
/// <param name="TokensPerMillion">Tokens for a million bytes, from 1 to <see cref="InputRatio.Bytes"/>.</param>
public sealed record InputBound(long TokensPerMillion);

/// <summary>The latest generations of a model's settlements, as they are stored.</summary>
public sealed class InputRatioState
{
    /// <summary>The generation that is being filled.</summary>
    public InputSample Current { get; set; } = new(0, 0);

    /// <summary>The one before it.</summary>
    public InputSample Previous { get; set; } = new(0, 0);
}
