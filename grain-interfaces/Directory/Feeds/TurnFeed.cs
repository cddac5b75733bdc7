using System.Collections.Concurrent;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.GrainInterfaces.Sessions;
using OrleansChat.GrainInterfaces.Sessions.Feeds;

namespace OrleansChat.GrainInterfaces.Directory.Feeds;

/// <summary>
/// Where the silos send a client of the cluster the events of the turns that it reads. A line ends early, without an error, when the session's
/// activation or its silo does, and its reader begins anew after the last event it has.
/// </summary>
/// <param name="grains">Makes the reference by which silos call.</param>
/// <param name="losses">The losses of connections to silos.</param>
/// <param name="time">The clock.</param>
public sealed class TurnFeed(IGrainFactory grains, ConnectionLoss losses, TimeProvider time) : ITurnFeedObserver, IDisposable
{
    /// <summary>Silos give a sign of life each second; one that is silent for this long is taken for dead.</summary>
    internal static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, FedTurn> _lines = new();
    private readonly ConcurrentDictionary<string, long> _heard = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private ITurnFeedObserver? _self;
    private ITimer? _watch;
    private long _last;
    private volatile bool _isDisposed;

    /// <inheritdoc/>
    public ValueTask<long[]> DeliverAsync(TurnFeedBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _heard[batch.Origin] = time.GetTimestamp();
        List<long>? gone = null;
        foreach (var part in batch.Parts)
        {
            if (_lines.TryGetValue(part.Line, out var line) ? line.Offer(part) : part.IsEnd)
                continue;

            (gone ??= []).Add(part.Line);
        }

        return ValueTask.FromResult(gone?.ToArray() ?? []);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        lock (_gate)
            _watch?.Dispose();

        EndAll();
    }

    /// <summary>Has a running turn's events sent here.</summary>
    /// <returns>The line; null where the turn is not running, so that it is read from the session.</returns>
    /// <exception cref="OrleansChatException">What the session says, or that the cluster does not answer.</exception>
    internal async ValueTask<Reading?> OpenAsync(
        ISessionGrain session, CallRepetition calls, ApiKey caller, string turnId, long after, CancellationToken cancellationToken)
    {
        var self = Begin();
        var number = Interlocked.Increment(ref _last);
        var line = new FedTurn(after, time.GetTimestamp());
        _lines[number] = line;
        try
        {
            line.Origin = await calls.RepeatAsync(
                session,
                static (target, call, token) => target.FeedTurnAsync(call.caller, call.turnId, call.after, call.self, call.number, token),
                (caller, turnId, after, self, number),
                cancellationToken);
        }
        catch
        {
            _lines.TryRemove(number, out _);
            throw;
        }

        if (line.Origin is not null)
            return new Reading(this, number, line);

        _lines.TryRemove(number, out _);
        return null;
    }

    /// <summary>The reference by which silos call. The first reader starts the watch over them.</summary>
    private ITurnFeedObserver Begin()
    {
        if (_self is { } known)
            return known;

        lock (_gate)
        {
            if (_self is null)
            {
                _self = grains.CreateObjectReference<ITurnFeedObserver>(this);
                _watch = time.CreateTimer(static state => ((TurnFeed)state!).EndSilent(), this, WatchPeriod, WatchPeriod);
                _ = EndOnLossAsync();
            }

            return _self;
        }
    }

    private void EndSilent()
    {
        foreach (var (_, line) in _lines)
        {
            if (line.Origin is { } origin && time.GetElapsedTime(Math.Max(line.Opened, _heard.GetValueOrDefault(origin))) > LongestSilence)
                line.End();
        }
    }

    private async Task EndOnLossAsync()
    {
        while (!_isDisposed)
        {
            using var watch = losses.Begin();
            await watch.Lost;
            EndAll();
        }
    }

    private void EndAll()
    {
        foreach (var (_, line) in _lines)
            line.End();
    }

    /// <summary>An open line; closed when it is disposed of, of which its silo learns with its next call.</summary>
    internal sealed class Reading(TurnFeed feed, long number, FedTurn line) : IDisposable
    {
        /// <summary>The events.</summary>
        public FedTurn Line => line;

        public void Dispose() => feed._lines.TryRemove(number, out _);
    }
}
