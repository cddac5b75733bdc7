using OrleansChat.Core.Actors;

namespace OrleansChat.Cluster.Bench.Chats;

/// <summary>Callers that open one chat after the other, as fast as they are answered.</summary>
internal sealed class ChatLoad : IAsyncDisposable
{
    private readonly int _callers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _all;
    private long _done;
    private long _errors;

    public ChatLoad(IActorDirectory actors, int callers)
    {
        _callers = callers;
        _all = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(actors, caller))));
    }

    /// <summary>Chats so far.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Calls that failed.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _all;
        _stop.Dispose();
    }

    private async Task CallAsync(IActorDirectory actors, int caller)
    {
        for (var number = 0L; !_stop.IsCancellationRequested; number++)
        {
            try
            {
                await ShortChat.RunAsync(actors, caller + (number * _callers));
                Interlocked.Increment(ref _done);
            }
            catch (Exception fault)
            {
                if (Interlocked.Increment(ref _errors) <= 3)
                    Console.Error.WriteLine(fault);
            }
        }
    }
}
