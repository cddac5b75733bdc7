using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>The router of the product in a scripted round, with its callers. All of it runs on the thread of the test; only a stop is passed on by another.</summary>
internal sealed class PlayedRouter : SynchronizationContext, IDisposable
{
    private readonly RouteScript _script;
    private readonly FakeClock _clock = new();
    private readonly BlockingCollection<Action> _posted = [];
    private readonly List<RouteLine> _lines = [];
    private readonly List<ITimer> _timers = [];
    private readonly List<Task> _running = [];
    private readonly DateTimeOffset _start;
    private readonly RecordedActors _actors;
    private readonly BreakerWatch _watch;
    private readonly ScopeRules _rules;
    private readonly Router _router;

    public PlayedRouter(RouteScript script)
    {
        _script = script;
        _start = _clock.GetUtcNow();
        var settings = new TestOptions<OrleansChatOptions>(script.Settings);
        _actors = new RecordedActors(_clock, settings, Write);
        _watch = new BreakerWatch(_actors, _clock, settings, NullLogger<BreakerWatch>.Instance);
        _rules = new ScopeRules(settings);
        _router = new Router(_actors, _watch, _rules, _clock) { Places = new UpstreamPlaces(script.Settings, _clock, null) };
        foreach (var upstream in script.Settings.Upstreams)
            _ = _actors.BreakerOf(upstream.Id);
        foreach (var request in script.Requests)
            After(request.At, () => _running.Add(AskAsync(request)));
        foreach (var deed in script.Elsewhere)
            After(deed.At, () => _running.Add(HearAsync(deed)));
    }

    public IReadOnlyList<RouteLine> Lines => _lines;

    public DateTimeOffset Start => _start;

    /// <summary>Lets time pass until a moment, and waits until so much has been seen.</summary>
    public void RunUntil(long at, int lines)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            _clock.Advance(_start.AddTicks(at) - _clock.GetUtcNow());
            while (_posted.TryTake(out var next) || (_lines.Count < lines && _posted.TryTake(out next, TestWait.Limit)))
                next();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }

        if (_running.Find(task => task.IsFaulted) is { } broken)
            throw new InvalidOperationException("The round broke.", broken.Exception);
    }

    /// <summary>The breakers, and how many reservations are open at each upstream.</summary>
    public async Task<string> StateAsync()
    {
        var told = new List<string>();
        foreach (var upstream in _script.Settings.Upstreams)
        {
            var breaker = RecordedActors.Told(await _actors.BreakerOf(upstream.Id).DescribeAsync(default));
            var status = await _actors.LimiterOf($"upstream:{upstream.Id}").DescribeAsync(new RateLimits { MaxConcurrent = int.MaxValue }, default);
            told.Add(upstream.Limits.ToLimits().IsEmpty ? breaker : $"{breaker} {status.Concurrent!.InUse} open");
        }

        return string.Join("; ", told);
    }

    public override void Post(SendOrPostCallback d, object? state) => _posted.Add(() => d(state));

    public override SynchronizationContext CreateCopy() => this;

    public void Dispose()
    {
        _watch.Dispose();
        _rules.Dispose();
        _posted.Dispose();
    }

    private void Write(string who, string what) => _lines.Add(new RouteLine((_clock.GetUtcNow() - _start).Ticks, who, what));

    private void After(long ticks, Action happens) =>
        _timers.Add(_clock.CreateTimer(_ => happens(), null, TimeSpan.FromTicks(ticks), Timeout.InfiniteTimeSpan));

    private async Task WaitAsync(long ticks, CancellationToken stop)
    {
        var over = new TaskCompletionSource();
        After(ticks, () => over.TrySetResult());
        await using var stopping = stop.Register(() => over.TrySetCanceled(stop));
        await over.Task;
    }

    private async Task HearAsync(Elsewhere deed)
    {
        var breaker = _actors.BreakerOf(deed.Upstream);
        var snapshot = deed.Deed switch
        {
            Deed.Trip => await breaker.TripAsync("by hand", default),
            Deed.Reset => await breaker.ResetAsync("by hand", default),
            _ => await breaker.ReportAsync(new BreakerOutcome(deed.Id, deed.Deed == Deed.Fail ? UpstreamFailure.ServerError : null, null, "elsewhere"), default),
        };
        if (deed.IsPushed)
            _watch.Learn(snapshot);
    }

    private async Task AskAsync(ScriptedRequest request)
    {
        var caller = new Caller(this, request);
        await caller.AdmitAsync();
        using var leaving = new CancellationTokenSource();
        await using var alarm = _clock.CreateTimer(_ => leaving.Cancel(), null, request.Patience is { } patience ? TimeSpan.FromTicks(patience) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            var route = new RouteRequest(request.Model, request.Id, request.Tokens) { AdmittedBy = request.SaysWhoAdmitted ? caller.AdmittedBy : null };
            var call = request.Model.HedgeAfter is null
                ? await _router.OpenAsync(route, (attempt, stop) => caller.OpenAsync(request.Id, attempt.Target, stop), leaving.Token)
                : await _router.OpenHedgedAsync(route, caller, (attempt, stop) => caller.OpenAsync(attempt.OperationId, attempt.Target, stop), leaving.Token);
            Write(request.Caller, $"gets {call.Target} by {call.AttemptId} of {call.OperationId}, untried {string.Join(' ', call.Untried)}");
            await WaitAsync(call.Value.Script.ReadFor, default);
            if (call.Value.Script.Breaks is { } broken)
                await _router.ReportFailureAsync(call.Target, call.AttemptId, broken, default);
            await caller.SettleAsync(call.OperationId, call.Target);
        }
        catch (Exception fault)
        {
            Write(request.Caller, $"fails: {Told(fault)}");
            await caller.SettleAsync(request.Id, fault is OperationCanceledException ? caller.Asked : null);
        }
    }

    private static string Told(Exception fault) => fault switch
    {
        UpstreamException failure => $"{failure.Failure}",
        OrleansChatException { Problem: var problem } refusal => $"{problem.Code} {problem.Detail} {problem.RetryAfterSeconds} {refusal.Fallback == Fallbacks.Shedding}",
        OperationCanceledException => nameof(OperationCanceledException),
        _ => fault.GetType().Name,
    };

    /// <summary>The caller of one request: he pays for both of its calls.</summary>
    private sealed class Caller(PlayedRouter world, ScriptedRequest request) : IHedge<Opened>
    {
        public string? AdmittedBy { get; private set; }

        /// <summary>The target that was sent the prompt and has not said that it failed.</summary>
        public UpstreamTarget? Asked { get; private set; }

        public async Task AdmitAsync()
        {
            var upstream = request.Order[0].Upstream;
            var limits = world._rules.UpstreamLimits(upstream);
            if (request.IsAdmittedFirst && !limits.IsEmpty)
            {
                var ask = new RateLimitRequest { OperationId = request.Id, Limits = limits, Tokens = request.Tokens };
                AdmittedBy = (await world._actors.LimiterOf($"upstream:{upstream}").AcquireAsync(ask, default)).Admitted ? upstream : null;
            }
        }

        public async ValueTask<Opened> OpenAsync(string operationId, UpstreamTarget target, CancellationToken stop)
        {
            world.Write(operationId, $"asks {target}");
            if (operationId == request.Id)
                Asked = target;

            var script = world._script.AnswerOf(operationId, target);
            try
            {
                await world.WaitAsync(script.Takes, script.IsStubborn ? default : stop);
            }
            catch (OperationCanceledException)
            {
                world.Write(operationId, $"is stopped at {target}");
                throw;
            }

            if (script.Fault is UpstreamException && operationId == request.Id)
                Asked = null;
            return script.Fault is null ? new Opened(script) : throw script.Fault;
        }

        public ValueTask<string?> AdmitAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            world.Write(request.HedgeId, request.IsHedgeRefused ? "is refused" : "is admitted");
            return ValueTask.FromResult(request.IsHedgeRefused ? null : request.HedgeId);
        }

        public async ValueTask LostAsync(LostCall<Opened> lost)
        {
            await SettleAsync(lost.OperationId, lost.Asked);
            world.Write(lost.OperationId, $"has lost, asked {lost.Asked}{(lost.Opened is { IsDisposed: true } ? ", and is disposed of" : "")}");
        }

        public async Task SettleAsync(string operationId, UpstreamTarget? target)
        {
            if (target is { } used && !world._rules.UpstreamLimits(used.Upstream).IsEmpty)
                await world._actors.LimiterOf($"upstream:{used.Upstream}").SettleAsync(operationId, request.Tokens / 2, default);
            if (operationId == request.Id && AdmittedBy is { } admitted && admitted != target?.Upstream)
                await world._actors.LimiterOf($"upstream:{admitted}").SettleAsync(operationId, 0, default);
        }
    }

    private sealed class Opened(ScriptedAnswer script) : IAsyncDisposable
    {
        public ScriptedAnswer Script => script;

        public bool IsDisposed { get; private set; }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return default;
        }
    }
}
