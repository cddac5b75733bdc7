using System.Diagnostics.Metrics;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// Lets in what can be served: as many at a time as are worked on without much delay, however many stream or wait for upstreams beside them; a bounded number in all; and none
/// while work begins too late already.
/// </summary>
internal sealed class LoadGate : IHealthComponent, IDisposable
{
    /// <summary>What is told to whoever is turned away.</summary>
    public static Problem Busy { get; } = Problem.Of(
        ProblemCode.UpstreamUnavailable, "The server is busy and takes no more requests at the moment.", "Try again after the time given, and wait longer each time.") with
    {
        RetryAfterSeconds = 1,
    };

    /// <summary>What kinds of work are called in metrics; that whose time tells nothing has no name.</summary>
    private static readonly KeyValuePair<string, object?>?[] KindLabels =
        [.. Enum.GetValues<WorkKind>().Select(static kind => kind is WorkKind.Other ? (KeyValuePair<string, object?>?)null : new("kind", kind.ToString().ToLowerInvariant()))];

    private readonly int _most;
    private readonly TimeSpan _mostLag;
    private readonly Func<TimeSpan> _lag;
    private readonly WorkPlaces _places;
    private readonly Counter<long> _shed;
    private readonly Histogram<double> _overhead;
    private int _inFlight;

    public LoadGate(GatewayOptions options, IMeterFactory meters, Func<TimeSpan> lag, TimeProvider clock, Fallbacks fallbacks, WorkDelay? delay = null)
    {
        (_most, _mostLag, _lag) = (options.MaxInFlight, options.MaxLag, lag);
        _places = new WorkPlaces(clock, PlacesOf(options), options.MaxWaiting, Math.Max(1, Environment.ProcessorCount / 2), delay ?? WorkDelay.OfThisProcess(clock))
        {
            Changed = isShedding =>
            {
                if (isShedding)
                    fallbacks.Enter(Fallbacks.Shedding, "overload");
                else
                    fallbacks.Leave(Fallbacks.Shedding);
            },
        };
        var meter = meters.Create(TelemetryNames.Meter);
        _shed = meter.CreateCounter<long>("orleanschat.requests.shed", "{request}", "Requests turned away because the server is busy, by what was too much.");
        foreach (var reason in (string[])["lag", "working", "in_flight"])
            _shed.Add(0, new KeyValuePair<string, object?>("reason", reason));
        _overhead = meter.CreateHistogram(
            "orleanschat.request.overhead", "s", "Time that a request or frame took of this process up to its end or its stream: with its wait to be worked on, without those for upstreams, limits and its client.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2] });
        meter.CreateObservableGauge("orleanschat.requests.in_flight", () => (long)InFlight, "{request}", "Requests and frames that are being answered, streams included.");
        meter.CreateObservableGauge("orleanschat.requests.working", () => (long)_places.Working, "{request}", "Requests that this process works on: none that streams or waits for an upstream.");
        meter.CreateObservableGauge("orleanschat.requests.working.limit", () => (long)_places.Limit, "{request}", "Requests that are worked on at a time before others wait.");
        meter.CreateObservableGauge("orleanschat.requests.share", () => _places.Share, null, "The share of requests that may ask to be worked on: all, but for overloads in which work begins late.");
        meter.CreateObservableGauge("orleanschat.requests.waiting", () => (long)_places.Waiting, "{request}", "Requests that wait to be worked on.");
        meter.CreateObservableGauge("orleanschat.scheduling.lag", () => lag().TotalSeconds, "s", "How late work begins in this process.");
    }

    /// <inheritdoc/>
    public string Name => "gateway";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <summary>Requests and frames that are being answered.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Requests that are worked on.</summary>
    public int Working => _places.Working;

    /// <summary>Requests that wait to be worked on.</summary>
    public int Waiting => _places.Waiting;

    /// <summary>Lets a request in, or has it wait.</summary>
    /// <param name="work">Its work, once it is in.</param>
    /// <param name="turn">Where the answer is null: whether it is in after all.</param>
    /// <returns>Whether it is in, and then <see cref="Leave"/> has to follow; null for a wait.</returns>
    public bool? TryEnter(out RequestWork work, out Task<bool>? turn)
    {
        (work, turn) = (new RequestWork(_places), null);
        if (_mostLag > TimeSpan.Zero && _lag() > _mostLag)
            return Shed("lag");
        if (Interlocked.Increment(ref _inFlight) > _most)
        {
            Interlocked.Decrement(ref _inFlight);
            return Shed("in_flight");
        }

        work.IsInFlight = true;
        var isIn = _places.TryEnter(work, out turn);
        if (isIn is false)
            GiveUp(work);
        return isIn;
    }

    /// <summary>A request that waited is not let in.</summary>
    /// <param name="work">Its work.</param>
    public void GiveUp(RequestWork work)
    {
        Land(work);
        Shed("working");
    }

    /// <summary>A request that was let in has ended.</summary>
    /// <param name="work">Its work.</param>
    /// <param name="isDone">Whether it was answered, so that its time tells something.</param>
    public void Leave(RequestWork work, bool isDone)
    {
        work.Leave(isDone);
        Land(work);
        if (isDone && KindLabels[(int)work.Kind] is { } kind)
            _overhead.Record((work.InLine + work.Worked).TotalSeconds, kind);
    }

    /// <summary>A request has become a socket: those have a bound of their own, and what they ask for is let in frame by frame.</summary>
    /// <param name="work">The request's work.</param>
    public void LeaveSocket(RequestWork work) => Leave(work, isDone: true);

    /// <summary>Does what a frame of a socket asks for, if it is let in.</summary>
    /// <param name="answer">Does it, and may say that the rest is no work.</param>
    /// <returns>Whether it was let in.</returns>
    public async ValueTask<bool> TryDoAsync(Func<RequestWork, Task> answer)
    {
        if (!(TryEnter(out var work, out var turn) ?? await turn!))
        {
            if (turn is not null)
                GiveUp(work);
            return false;
        }

        var isDone = false;
        try
        {
            await answer(work);
            isDone = true;
        }
        finally
        {
            Leave(work, isDone);
        }

        return true;
    }

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        var (lag, inFlight) = (_lag(), InFlight);
        var isLate = _mostLag > TimeSpan.Zero && lag > _mostLag;
        var finding = (isLate, inFlight >= _most, _places.IsShedding) switch
        {
            (true, _, _) => new HealthFinding(HealthStatus.Degraded, "Work begins late: requests are turned away."),
            (_, true, _) => new HealthFinding(HealthStatus.Degraded, "All places are taken: requests are turned away."),
            (_, _, true) => new HealthFinding(HealthStatus.Degraded, "There is more to do than can be done in time: requests are turned away."),
            _ => HealthFinding.Healthy,
        };
        return ValueTask.FromResult(finding with
        {
            Counts = new Dictionary<string, long>
            {
                ["in_flight"] = inFlight,
                ["working"] = _places.Working,
                ["working_limit"] = _places.Limit,
                ["waiting"] = _places.Waiting,
                ["lag_ms"] = (long)lag.TotalMilliseconds,
            },
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private static PlaceLimit PlacesOf(GatewayOptions options)
    {
        const int LeastPerProcessor = 4;
        const int UnmeasuredPerProcessor = 16;
        if (options.MaxSlowdown == 0)
            return new PlaceLimit(double.MaxValue, options.MaxInFlight, options.MaxInFlight, options.MaxInFlight);
        var processors = Environment.ProcessorCount;
        var least = Math.Min(LeastPerProcessor * processors, options.MaxInFlight);
        return new PlaceLimit(options.MaxSlowdown, least, UnmeasuredPerProcessor * processors, options.MaxInFlight);
    }

    private void Land(RequestWork work)
    {
        if (!work.IsInFlight)
            return;
        work.IsInFlight = false;
        Interlocked.Decrement(ref _inFlight);
    }

    private bool Shed(string reason)
    {
        _shed.Add(1, new KeyValuePair<string, object?>("reason", reason));
        return false;
    }
}
