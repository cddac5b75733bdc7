using System.Runtime.CompilerServices;
using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Sessions;

namespace OrleansChat.Grains.Sessions;

/// <summary>
/// Hands the events of this silo's turns out in batches, because a call per token would cost more than the token. An event that comes alone is
/// not delayed; those that come within a window after it share the next batch. The window grows with the number of readers, so that all of
/// them together cause no more than so many calls a second and a processor.
/// </summary>
/// <param name="time">The silo's clock.</param>
internal sealed class TurnBatching(TimeProvider time)
{
    /// <summary>Events of one batch at most: its message stays well below what a connection takes at once.</summary>
    public const int MaxBatch = 256;

    /// <summary>The window of a silo with few readers.</summary>
    public static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(5);

    /// <summary>The window of a silo with very many: half of what a token may be late.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromMilliseconds(50);

    /// <summary>Window per reader and processor: 5,000 batches a second and processor.</summary>
    private static readonly TimeSpan WindowPerReader = TimeSpan.FromMicroseconds(200);

    private int _readers;

    /// <summary>How long an event may wait for company.</summary>
    public TimeSpan Window
    {
        get
        {
            var shared = Volatile.Read(ref _readers) * WindowPerReader / Environment.ProcessorCount;
            return shared < ShortestWindow ? ShortestWindow : shared > LongestWindow ? LongestWindow : shared;
        }
    }

    /// <summary>The events in batches, to their end.</summary>
    /// <param name="events">A turn's events.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The batches.</returns>
    public async IAsyncEnumerable<TurnEventBatch> GatherAsync(
        IAsyncEnumerable<TurnEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reader = events.GetAsyncEnumerator(stop.Token);
        Task<bool>? coming = null;
        Interlocked.Increment(ref _readers);
        try
        {
            long? given = null;
            for (var more = await reader.MoveNextAsync(); more;)
            {
                if (given is { } last && Window - time.GetElapsedTime(last) is var pause && pause > TimeSpan.Zero)
                    await Task.Delay(pause, time, stop.Token);

                var batch = new List<TurnEvent>();
                while (more && coming is null && batch.Count < MaxBatch)
                {
                    batch.Add(reader.Current);
                    var next = reader.MoveNextAsync();
                    if (next.IsCompletedSuccessfully)
                        more = await next;
                    else
                        coming = next.AsTask();
                }

                given = time.GetTimestamp();
                yield return new TurnEventBatch(batch);
                if (coming is not null)
                    more = await coming;

                coming = null;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
            await stop.CancelAsync();
            if (coming is not null)
                await ((Task)coming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

            await reader.DisposeAsync();
        }
    }
}
