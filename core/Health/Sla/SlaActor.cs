using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Health.Sla;

/// <summary>The stored value of <see cref="SlaActor"/>.</summary>
public sealed class SlaState
{
    /// <summary>Each component's hours.</summary>
    public Dictionary<string, SlaRow> Components { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Which reports are in.</summary>
    public ReportSources Sources { get; set; } = new();
}

/// <summary>Owns the history of health. A report is durable before it is acknowledged.</summary>
public sealed class SlaActor : ISlaActor
{
    /// <summary>The only key of the actor.</summary>
    public const string Key = "all";

    private readonly IActorState<SlaState> _state;
    private readonly SlaHistory _history;
    private readonly StateFlush _flush;
    private readonly TimeProvider _time;

    /// <summary>Makes an activation.</summary>
    /// <param name="context">The host.</param>
    /// <param name="state">The history.</param>
    /// <param name="time">The clock.</param>
    public SlaActor(IActorContext context, IActorState<SlaState> state, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(state);
        (_state, _time) = (state, time);
        _history = new SlaHistory(state.Value.Components);
        _flush = new StateFlush(state.SaveAsync, context.Deactivate);
    }

    /// <inheritdoc/>
    public async ValueTask<SlaWindows> ReportAsync(SlaReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (_state.Value.Sources.TryTake(report.Source, report.Sequence, _time.GetUtcNow()))
        {
            foreach (var looks in report.Looks)
                _history.Add(looks.Component, looks.Hour, looks.Good, looks.Total);
            await _flush.FlushAsync();
        }

        return Now();
    }

    /// <inheritdoc/>
    public ValueTask<SlaWindows> ReadAsync(CancellationToken cancellationToken) => new(Now());

    private SlaWindows Now() => new(_history.At(SlaRecorder.HourOf(_time.GetUtcNow())));
}
