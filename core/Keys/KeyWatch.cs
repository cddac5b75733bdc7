using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Keys;

/// <summary>The keys made at run time as this process knows them. Their owner pushes changes here, so that a request costs no call of it.</summary>
/// <param name="actors">The actors.</param>
/// <param name="options">The settings.</param>
/// <param name="time">The source of time.</param>
/// <param name="logger">The log.</param>
public sealed partial class KeyWatch(IActorDirectory actors, IOptionsMonitor<OrleansChatOptions> options, TimeProvider time, ILogger<KeyWatch> logger)
    : IDisposable
{
    /// <summary>How long to wait before watching anew after a break.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Which break in a row is told.</summary>
    private const int WorthALine = 2;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _asking = new(1);

    /// <summary>The ids that settings have named since this process began, so that none is missed that comes and goes while their owner is not there.</summary>
    private readonly HashSet<string> _named = [ApiKey.LocalId, ApiKey.SystemId];

    private IDisposable? _subscription;
    private volatile KeyIndex? _known;
    private int _started;

    /// <summary>Calls that were begun to ask anew.</summary>
    private long _asked;

    /// <summary>The newest of them that was answered; of whoever holds <see cref="_asking"/>.</summary>
    private long _answered;

    /// <summary>The newest list that has come here, or the first one to come.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list.</returns>
    public ValueTask<KeyIndex> CurrentAsync(CancellationToken cancellationToken)
    {
        Start();
        return _known is { } known ? new(known) : AskAsync(cancellationToken);
    }

    /// <summary>
    /// The list as its owner has it: what was changed by another process may not have come here yet. Those who ask while a call is under way share the one after it.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list, no older than the call.</returns>
    public async ValueTask<KeyIndex> AskAnewAsync(CancellationToken cancellationToken)
    {
        var begun = Volatile.Read(ref _asked);
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_answered > begun)
                return _known!;

            var number = Interlocked.Increment(ref _asked);
            var index = await AskAsync(cancellationToken);
            _answered = number;
            return index;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Takes in a list that came with an answer.</summary>
    /// <param name="list">The list.</param>
    public void Learn(KeyList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        lock (_gate)
        {
            if (_known is null || list.Version > _known.List.Version)
                _known = new KeyIndex(list);
        }
    }

    /// <summary>Begins to watch.</summary>
    public void Start()
    {
        if (_started != 0 || Interlocked.Exchange(ref _started, 1) != 0)
            return;

        var stop = _stopping.Token;
        Name(options.CurrentValue);
        _subscription = options.OnChange(changed =>
        {
            if (Name(changed))
                _ = Task.Run(() => NoteAsync(stop), stop);
        });
        _ = Task.Run(() => WatchAsync(stop), stop);
    }

    /// <summary>Ends the watch.</summary>
    public void Dispose()
    {
        _subscription?.Dispose();
        _stopping.Cancel();
        _stopping.Dispose();
        _asking.Dispose();
    }

    private async ValueTask<KeyIndex> AskAsync(CancellationToken cancellationToken)
    {
        Learn(await actors.ApiKeys().ListAsync(cancellationToken));
        return _known!;
    }

    /// <summary>Remembers the keys of settings; whether any is new.</summary>
    private bool Name(OrleansChatOptions settings)
    {
        lock (_gate)
        {
            var before = _named.Count;
            _named.UnionWith(settings.ApiKeys.Select(key => key.Id));
            return _named.Count > before;
        }
    }

    private async Task<KeyList> NoteNamedAsync(CancellationToken cancellationToken)
    {
        string[] ids;
        lock (_gate)
            ids = [.. _named];
        return await actors.ApiKeys().NoteAsync(ids, cancellationToken);
    }

    /// <summary>Tells the owner which keys settings name, until it has heard.</summary>
    private async Task NoteAsync(CancellationToken stop)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Learn(await NoteNamedAsync(stop));
                return;
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                if (tries == WorthALine)
                    LogNotNoted(fault);

                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        var breaks = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Learn(await NoteNamedAsync(stop));
                await foreach (var list in actors.ApiKeys().WatchAsync(stop))
                {
                    Learn(list);
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
                    LogBroken(fault);

                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(210, LogLevel.Warning, "The watch of the keys broke; it is taken up again")]
    private partial void LogBroken(Exception fault);

    [LoggerMessage(211, LogLevel.Warning, "The owner of the keys could not be told of those that changed settings name; it is tried again")]
    private partial void LogNotNoted(Exception fault);
}
