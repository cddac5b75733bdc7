namespace OrleansChat.Core.Costs.InputRatios;

/// <summary>
/// The most tokens for a byte that the latest one to two thousand settlements of a model had, and half as many again. Never more than one
/// token for a byte: byte-level tokenizers make none from less. Until enough was seen it is that.
/// </summary>
internal sealed class InputRatio
{
    /// <summary>One token for each byte, in tokens for a million bytes.</summary>
    public const long Bytes = 1_000_000;

    /// <summary>Settlements after which a generation gives way to the next.</summary>
    public const long Generation = 1_000;

    /// <summary>Settlements before which nothing is concluded.</summary>
    public const long Least = 200;

    private InputSample _current = new(0, 0);
    private InputSample _previous = new(0, 0);

    /// <summary>What is to be set aside.</summary>
    public InputBound Bound
    {
        get
        {
            if (_current.Settlements + _previous.Settlements < Least)
                return new InputBound(Bytes);

            var most = Math.Max(_current.MostPerMillion, _previous.MostPerMillion);
            return new InputBound(Math.Clamp(most + ((most + 1) / 2), 1, Bytes));
        }
    }

    /// <summary>Takes note of settlements.</summary>
    /// <param name="sample">The settlements.</param>
    public void Learn(InputSample sample)
    {
        _current = new InputSample(
            _current.Settlements + sample.Settlements, Math.Max(_current.MostPerMillion, Math.Min(sample.MostPerMillion, Bytes)));
        if (_current.Settlements >= Generation)
            (_previous, _current) = (_current, new InputSample(0, 0));
    }

    /// <summary>Starts from a record.</summary>
    /// <param name="state">The record.</param>
    public void Restore(InputRatioState state) => (_current, _previous) = (state.Current, state.Previous);

    /// <summary>What a record holds of it.</summary>
    /// <returns>The record.</returns>
    public InputRatioState Store() => new() { Current = _current, Previous = _previous };
}
