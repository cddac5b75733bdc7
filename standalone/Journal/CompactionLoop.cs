namespace OrleansChat.Standalone.Journal;

/// <summary>Runs compaction in the background whenever a segment was sealed, and on demand; one at a time.</summary>
internal sealed partial class CompactionLoop(Compaction compaction, JournalOptions options, ILogger logger) : IDisposable
{
    private const int MaxPasses = 1000;

    private readonly SemaphoreSlim _wake = new(1);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private long _replaced;

    public long Replaced => Interlocked.Read(ref _replaced);

    public void Start() => _running = RunAsync();

    /// <summary>Looks for segments with too much garbage soon.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    /// <summary>Compacts until <paramref name="select"/> finds nothing more.</summary>
    public async Task CompactAsync(Func<IReadOnlyList<Segment>, IEnumerable<Segment>> select, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _stop.Token);
        await _turn.WaitAsync(either.Token);
        try
        {
            await Task.Factory.StartNew(
                () => Compact(select, either.Token), either.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets no compaction begin until the hold is disposed of; waits for one that runs.</summary>
    public async Task<IDisposable> HoldAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        return new Hold(_turn);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        // A compaction on demand may still be under way; taking its turn for good waits for its end and lets no other begin.
        await _turn.WaitAsync();
    }

    public void Dispose()
    {
        _wake.Dispose();
        _turn.Dispose();
        _stop.Dispose();
    }

    private void Compact(Func<IReadOnlyList<Segment>, IEnumerable<Segment>> select, CancellationToken ct)
    {
        // Each pass may turn delete records into garbage that the next one removes; the number of passes is bounded all the same.
        for (var pass = 0; pass < MaxPasses; pass++)
        {
            var replaced = compaction.RunOnce(select, ct);
            if (replaced == 0)
                return;
            Interlocked.Add(ref _replaced, replaced);
        }
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(_stop.Token);
                if (options.CompactionGarbageRatio < 1)
                    await CompactAsync(segments => CompactionPolicy.Worthwhile(segments, options), _stop.Token);
            }
            catch (OperationCanceledException)
            {
                // The journal is closing.
            }
            catch (Exception exception)
            {
                // Compaction only gives room back; writing goes on without it, and the next sealed segment tries again.
                LogFailed(exception);
            }
        }
    }

    private sealed class Hold(SemaphoreSlim turn) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                turn.Release();
        }
    }

    [LoggerMessage(20, LogLevel.Error, "Journal compaction failed; nothing was lost, but the room taken by old records was not given back")]
    private partial void LogFailed(Exception exception);
}
