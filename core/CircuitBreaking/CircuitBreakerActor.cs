using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.CircuitBreaking;

/// <summary>The breaker of one upstream: decides by <see cref="BreakerMachine"/>; what others may see is durable.</summary>
public sealed class CircuitBreakerActor : ICircuitBreakerActor
{
    /// <summary>How long an outcome is known at least: longer than any caller goes on repeating it.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(5);

    private readonly string _upstream;
    private readonly IActorState<BreakerMemory> _state;
    private readonly SteadyClock _clock;
    private readonly StateFlush _flush;
    private readonly IOptionsMonitor<OrleansChatOptions> _options;
    private readonly OperationMemory _heard = new(Retention);
    private TaskCompletionSource _changed = NewSignal();
    private BreakerSnapshot _published;

    /// <summary>Makes an activation.</summary>
    /// <param name="context">The host.</param>
    /// <param name="state">What the breaker knows.</param>
    /// <param name="time">The source of time.</param>
    /// <param name="options">The settings.</param>
    public CircuitBreakerActor(
        IActorContext context, IActorState<BreakerMemory> state, TimeProvider time, IOptionsMonitor<OrleansChatOptions> options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(state);
        _upstream = context.Key;
        _state = state;
        _options = options;
        _clock = new SteadyClock(time);
        _flush = new StateFlush(state.SaveAsync, context.Deactivate);
        _published = Machine.Describe(_upstream, _clock.Now);
    }

    private BreakerMachine Machine => new(_options.CurrentValue.Breakers, _state.Value);

    /// <inheritdoc/>
    public async ValueTask<BreakerPermit> EnterAsync(string operationId, CancellationToken cancellationToken)
    {
        var (allowed, probe) = Machine.Enter(operationId, _clock.Now);
        return new BreakerPermit(allowed, probe, await PublishAsync());
    }

    /// <inheritdoc/>
    public ValueTask<BreakerSnapshot> ReportAsync(BreakerOutcome outcome, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var now = _clock.Now;
        if (!_heard.Knows(outcome.OperationId))
        {
            _heard.Remember(outcome.OperationId, now);
            Machine.Report(outcome, now);
        }

        return PublishAsync();
    }

    /// <inheritdoc/>
    public ValueTask<BreakerSnapshot> DescribeAsync(CancellationToken cancellationToken) => new(Machine.Describe(_upstream, _clock.Now));

    /// <inheritdoc/>
    public async IAsyncEnumerable<BreakerSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var seen = _published; ; seen = _published)
        {
            yield return seen;
            while (_published == seen)
                await _changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask<BreakerSnapshot> TripAsync(string by, CancellationToken cancellationToken)
    {
        Machine.Trip(by, _clock.Now);
        return PublishAsync();
    }

    /// <inheritdoc/>
    public ValueTask<BreakerSnapshot> ResetAsync(string by, CancellationToken cancellationToken)
    {
        Machine.Reset(by, _clock.Now);
        return PublishAsync();
    }

    /// <inheritdoc/>
    public ValueTask<BreakerHistory> HistoryAsync(CancellationToken cancellationToken) => new(Machine.History());

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes a change durable, then tells the watchers.</summary>
    private async ValueTask<BreakerSnapshot> PublishAsync()
    {
        if (_state.Value.Version != _published.Version)
        {
            await _flush.FlushAsync();
            _published = Machine.Describe(_upstream, _clock.Now);
            var changed = _changed;
            _changed = NewSignal();
            changed.SetResult();
        }

        return Machine.Describe(_upstream, _clock.Now);
    }
}
