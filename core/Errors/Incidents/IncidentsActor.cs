using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Errors.Incidents;

/// <summary>Owns the incidents of all processes. A report is durable before it is acknowledged, and raised in the log after that.</summary>
public sealed partial class IncidentsActor : IIncidentsActor
{
    /// <summary>The only key of the actor.</summary>
    public const string Key = "all";

    private readonly IActorState<IncidentsState> _state;
    private readonly IncidentLedger _ledger;
    private readonly StateFlush _flush;
    private readonly TimeProvider _time;
    private readonly ILogger<IncidentsActor> _logger;

    /// <summary>Makes an activation.</summary>
    /// <param name="context">The host.</param>
    /// <param name="state">The incidents.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of incidents.</param>
    public IncidentsActor(IActorContext context, IActorState<IncidentsState> state, TimeProvider time, ILogger<IncidentsActor> logger)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(state);
        (_state, _time, _logger) = (state, time, logger);
        _ledger = new IncidentLedger(state.Value);
        _flush = new StateFlush(state.SaveAsync, context.Deactivate);
    }

    /// <inheritdoc/>
    public async ValueTask<IncidentList> ReportAsync(FailureBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!_state.Value.Sources.TryTake(batch.Source, batch.Sequence, _time.GetUtcNow()))
            return _ledger.At(_time.GetUtcNow());

        var exceeded = ExceededNow();
        var raised = batch.Failures.Select(_ledger.Take).OfType<FailurePattern>().ToList();
        await _flush.FlushAsync();
        foreach (var failures in raised.Select(pattern => pattern.Failures.Last))
            LogRaised(failures.Layer, failures.Code, failures.Causes[^1], failures.Subject, failures.Cure);
        foreach (var count in ExceededNow().ExceptBy(exceeded.Select(static one => (one.Layer, one.Code)), static one => (one.Layer, one.Code)))
            LogExceeded(count.Recent, count.Layer, count.Code, IncidentLedger.RaiseWithin, count.Threshold);
        return _ledger.At(_time.GetUtcNow());
    }

    /// <inheritdoc/>
    public ValueTask<IncidentList> ListAsync(CancellationToken cancellationToken) => new(_ledger.At(_time.GetUtcNow()));

    private List<FailureCount> ExceededNow() => [.. _ledger.At(_time.GetUtcNow()).Counts.Where(static count => count.Exceeded)];

    [LoggerMessage(422, LogLevel.Warning, "Too many failures: {Recent} ({Layer}, {Code}) within {Time}; {Threshold} are too many, whatever their causes")]
    private partial void LogExceeded(long recent, string layer, string code, TimeSpan time, long threshold);

    [LoggerMessage(420, LogLevel.Warning, "Incident raised: {Layer} {Code} by {Cause} {Subject}. {Cure}")]
    private partial void LogRaised(string layer, string code, string cause, string? subject, string cure);
}
