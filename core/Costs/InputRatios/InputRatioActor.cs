using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Costs.InputRatios;

/// <summary>What is known of one model's input. It is on record when a generation ends and when the most has grown.</summary>
public sealed class InputRatioActor : IInputRatioActor, IActorLifecycle
{
    private readonly IActorState<InputRatioState> _state;
    private readonly StateFlush _flush;
    private readonly InputRatio _ratio = new();
    private bool _isNew;

    /// <summary>Makes an activation.</summary>
    /// <param name="context">The host.</param>
    /// <param name="state">The record.</param>
    public InputRatioActor(IActorContext context, IActorState<InputRatioState> state)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(state);
        _state = state;
        _flush = new StateFlush(SaveAsync, context.Deactivate);
        _ratio.Restore(state.Value);
    }

    /// <inheritdoc/>
    public ValueTask ActivateAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask<InputBound> LearnAsync(InputSample sample, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.Settlements < 0 || sample.MostPerMillion < 0)
            throw RequestException.Invalid("sample", $"A sample of {sample}: its numbers must not be negative.");

        var before = _ratio.Bound;
        _ratio.Learn(sample);
        _isNew |= sample.Settlements > 0;
        return before == _ratio.Bound ? new(before) : RecordedAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DeactivateAsync(CancellationToken cancellationToken)
    {
        if (_isNew)
            await _flush.FlushAsync();
    }

    private async ValueTask<InputBound> RecordedAsync()
    {
        await _flush.FlushAsync();
        return _ratio.Bound;
    }

    private async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        _isNew = false;
        _state.Value = _ratio.Store();
        await _state.SaveAsync(cancellationToken);
    }
}
