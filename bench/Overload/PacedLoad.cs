using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansChat.Bench.Overload;

/// <summary>Requests at a pace of their own, whether those before them are answered or not.</summary>
internal sealed class PacedLoad : IDisposable
{
    private readonly ConcurrentBag<RawConnection> _free;
    private readonly RawConnection[] _connections;
    private readonly Lock _lock = new();

    public PacedLoad(Uri server, byte[] request, int connections)
    {
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new RawConnection(server, request))];
        _free = [.. _connections];
    }

    /// <summary>Times of requests that were answered, in milliseconds.</summary>
    public List<double> Answered { get; } = [];

    /// <summary>Times of requests that were refused.</summary>
    public List<double> Refused { get; } = [];

    /// <summary>Answers of other kinds, and connections that broke.</summary>
    public int Other { get; private set; }

    /// <summary>Requests that were not sent, because every connection waited for an answer.</summary>
    public int Unsent { get; private set; }

    /// <summary>Opens all connections, so that what they take by themselves is there before the load.</summary>
    public Task OpenAsync() => RawConnection.OpenAsync(_connections);

    /// <summary>Sends for a while, and waits for the last answer.</summary>
    public async Task RunAsync(double perSecond, TimeSpan time)
    {
        var running = new ConcurrentDictionary<Task, byte>();
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var sent = 0; watch.Elapsed < time && await timer.WaitForNextTickAsync();)
        {
            for (; sent < watch.Elapsed.TotalSeconds * perSecond; sent++)
            {
                if (_free.TryTake(out var connection))
                    Track(OneAsync(connection));
                else
                    Unsent++;
            }
        }

        await Task.WhenAll(running.Keys);

        void Track(Task task)
        {
            if (task.IsCompleted)
                return;
            running.TryAdd(task, 0);
            _ = task.ContinueWith(done => running.TryRemove(done, out _), TaskContinuationOptions.ExecuteSynchronously);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
    }

    private async Task OneAsync(RawConnection connection)
    {
        var (status, milliseconds) = await connection.AskAsync();
        lock (_lock)
        {
            if (status is 200)
                Answered.Add(milliseconds);
            else if (status is 503)
                Refused.Add(milliseconds);
            else
                Other++;
        }

        _free.Add(connection);
    }
}
