using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.CircuitBreaking;

/// <summary>
/// The breakers as this process knows them. Each upstream's breaker pushes its changes here, so that a closed breaker costs no call of
/// an actor.
/// </summary>
/// <param name="actors">The actors.</param>
/// <param name="time">The source of time.</param>
/// <param name="options">The settings.</param>
/// <param name="logger">The log.</param>
public sealed partial class BreakerWatch(
    IActorDirectory actors, TimeProvider time, IOptionsMonitor<OrleansChatOptions> options, ILogger<BreakerWatch> logger) : IDisposable
{
    /// <summary>How long to wait before watching anew after a break.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Which break in a row is told.</summary>
    private const int WorthALine = 2;

    private readonly ConcurrentDictionary<string, Watched> _watched = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The newest snapshot that has come here; null while none has.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <returns>The snapshot.</returns>
    public BreakerSnapshot? Known(string upstream) => WatchedOf(upstream).Snapshot;

    /// <summary>The newest snapshot that has come here, or the first one to come.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The snapshot.</returns>
    public ValueTask<BreakerSnapshot> CurrentAsync(string upstream, CancellationToken cancellationToken)
    {
        var watched = WatchedOf(upstream);
        return watched.Snapshot is { } snapshot ? new(snapshot) : AskAsync(watched, upstream, cancellationToken);
    }

    /// <summary>Takes in a snapshot that came with an answer.</summary>
    /// <param name="snapshot">The snapshot.</param>
    public void Learn(BreakerSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        WatchedOf(snapshot.Upstream).Learn(snapshot);
    }

    /// <summary>Counts a call that went well and is not worth a report of its own; only a failure ratio asks for their number.</summary>
    /// <param name="upstream">The upstream's id.</param>
    public void CountSuccess(string upstream)
    {
        var breakers = options.CurrentValue.Breakers;
        if (breakers.FailureRatio is not null)
            WatchedOf(upstream).CountSuccess(breakers.FailureWindow, Now);
    }

    /// <summary>The calls counted since this was last asked, as far as they lie within the window of the failure ratio.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <returns>Their number.</returns>
    public int TakeSuccesses(string upstream)
    {
        var breakers = options.CurrentValue.Breakers;
        return breakers.FailureRatio is null ? 0 : WatchedOf(upstream).TakeSuccesses(breakers.FailureWindow, Now);
    }

    /// <summary>Ends the watches.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private long Now => time.GetElapsedTime(0).Ticks;

    private Watched WatchedOf(string upstream) => _watched.TryGetValue(upstream, out var watched) ? watched : Watch(upstream);

    private Watched Watch(string upstream)
    {
        var watched = new Watched();
        if (!_watched.TryAdd(upstream, watched))
            return _watched[upstream];

        var stop = _stopping.Token;
        _ = Task.Run(() => WatchAsync(upstream, watched, stop), stop);
        return watched;
    }

    private async ValueTask<BreakerSnapshot> AskAsync(Watched watched, string upstream, CancellationToken cancellationToken)
    {
        var snapshot = await actors.CircuitBreaker(upstream).DescribeAsync(cancellationToken);
        watched.Learn(snapshot);
        return snapshot;
    }

    private async Task WatchAsync(string upstream, Watched watched, CancellationToken stop)
    {
        var breaks = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var snapshot in actors.CircuitBreaker(upstream).WatchAsync(stop))
                {
                    watched.Learn(snapshot);
                    breaks = 0;
                }

                await Task.Delay(Pause, time, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // The first is often the process's own stop, and more than the second say nothing new.
                if (++breaks == WorthALine)
                    LogBroken(upstream, fault);

                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(200, LogLevel.Warning, "The watch of upstream '{Upstream}' broke; it is taken up again")]
    private partial void LogBroken(string upstream, Exception fault);

    private sealed class Watched
    {
        private readonly Lock _gate = new();
        private readonly List<CallCount> _successes = [];
        private volatile BreakerSnapshot? _snapshot;

        public BreakerSnapshot? Snapshot => _snapshot;

        public void CountSuccess(TimeSpan window, long now)
        {
            lock (_gate)
                new CallWindow(window, _successes).Add(1, 0, now);
        }

        public int TakeSuccesses(TimeSpan window, long now)
        {
            lock (_gate)
            {
                var counted = new CallWindow(window, _successes);
                counted.Add(0, 0, now);
                var calls = counted.Sum().Calls;
                _successes.Clear();
                return (int)Math.Min(calls, int.MaxValue);
            }
        }

        public void Learn(BreakerSnapshot snapshot)
        {
            lock (_gate)
            {
                if (_snapshot is null || snapshot.Version >= _snapshot.Version)
                    _snapshot = snapshot;
            }
        }
    }
}
