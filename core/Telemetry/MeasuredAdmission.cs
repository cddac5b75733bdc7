using System.Diagnostics.Metrics;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Telemetry.GenAi;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry;

/// <summary>Counts what is admitted and refused, and ends the measured calls of operations that are settled or taken back.</summary>
internal sealed class MeasuredAdmission : IAdmission
{
    private readonly IAdmission _inner;
    private readonly RunningCalls _running;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _refusals;
    private readonly Counter<double> _cost;

    public MeasuredAdmission(IAdmission inner, RunningCalls running, IMeterFactory meters, TimeProvider time)
    {
        (_inner, _running, _time) = (inner, running, time);
        var meter = meters.Create(TelemetryNames.Meter);
        _duration = meter.CreateHistogram(
            "orleanschat.admission.duration", "s", "Time of passing a request through all its limits and budgets, less its wait for a limit that may be waited for.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1] });
        _refusals = meter.CreateCounter<long>(
            "orleanschat.admission.refusals", "{request}", "Requests that a limit or a budget refused, by the kind of scope and the limit.");
        _cost = meter.CreateCounter<double>("orleanschat.cost.usd", null, "US dollars settled.");
    }

    /// <inheritdoc/>
    public bool HearsAtOnce => _inner.HearsAtOnce;

    /// <inheritdoc/>
    public async ValueTask<AdmissionDecision> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        using var span = Spans.Start("admit");
        var began = _time.GetTimestamp();
        var outcome = "failed";
        var waited = TimeSpan.Zero;
        try
        {
            var decision = await _inner.AdmitAsync(request, cancellationToken);
            outcome = decision.Refusal?.Code ?? "admitted";
            waited = decision.Waited;
            if (decision.Refusal is { } refusal)
                Count(refusal);
            return decision;
        }
        catch (Exception fault)
        {
            span.Fail(fault);
            throw;
        }
        finally
        {
            // Who has left may have waited for anything, and tells nothing.
            if (outcome is not "failed" || !cancellationToken.IsCancellationRequested)
                _duration.Record((_time.GetElapsedTime(began) - waited).TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var request = grant.Request;
        using (Spans.Start("settle"))
        {
            _running.End(request.OperationId, usage, target);
            var cost = await _inner.SettleAsync(grant, usage, target, cancellationToken);
            if (cost > 0)
                _cost.Add((double)NanoUsd.ToUsd(cost), new("key", request.Key.Id), new(TelemetryNames.Model, request.Model));
            return cost;
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(AdmissionGrant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        _running.End(grant.Request.OperationId);
        return _inner.ReleaseAsync(grant, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ChargeLostAsync(AdmissionGrant lost, DateTimeOffset since, CancellationToken cancellationToken) =>
        _inner.ChargeLostAsync(lost, since, cancellationToken);

    /// <inheritdoc/>
    public ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken) => _inner.RenewAsync(grant, cancellationToken);

    // The subject is "key:team-a requestsPerMinute": kinds and limits are few, ids are not.
    private void Count(Problem refusal)
    {
        var subject = refusal.Subject ?? "";
        var space = subject.IndexOf(' ', StringComparison.Ordinal);
        var scope = space < 0 ? subject : subject[..space];
        _refusals.Add(1, new("reason", refusal.Code), new("scope", scope.Split(':')[0]), new("limit", space < 0 ? "none" : subject[(space + 1)..]));
    }
}
