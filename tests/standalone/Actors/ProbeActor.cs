using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OrleansChat.Core.Actors;

namespace OrleansChat.Standalone.Tests.Actors;

/// <summary>An actor that shows how it is scheduled.</summary>
internal sealed class ProbeActor(IActorContext context, IActorState<ProbeState> state, ConcurrentQueue<string> journal) : IActorLifecycle
{
    private readonly TaskCompletionSource _released = new();
    private int _inside;

    public int MostInside { get; private set; }

    public ValueTask ActivateAsync(CancellationToken cancellationToken)
    {
        journal.Enqueue($"{context.Key} activated");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DeactivateAsync(CancellationToken cancellationToken)
    {
        await state.SaveAsync(cancellationToken);
        journal.Enqueue($"{context.Key} deactivated");
    }

    public ValueTask<int> AddAsync(int amount, CancellationToken cancellationToken)
    {
        state.Value.Sum += amount;
        return ValueTask.FromResult(state.Value.Sum);
    }

    /// <summary>Reads, lets go of the thread, and writes: loses updates wherever two such calls interleave.</summary>
    public async ValueTask<int> AddSlowlyAsync(int amount, CancellationToken cancellationToken)
    {
        var before = state.Value.Sum;
        await Task.Yield();
        await Task.Yield();
        return state.Value.Sum = before + amount;
    }

    /// <summary>Counts threads inside at the same moment, over synchronous stretches that end in a yield.</summary>
    public async ValueTask<bool> SpinAsync(int rounds, CancellationToken cancellationToken)
    {
        for (var round = 0; round < rounds; round++)
        {
            MostInside = Math.Max(MostInside, Interlocked.Increment(ref _inside));
            Thread.SpinWait(50);
            Interlocked.Decrement(ref _inside);
            await Task.Yield();
        }

        return true;
    }

    public async ValueTask<bool> WaitForReleaseAsync(CancellationToken cancellationToken)
    {
        journal.Enqueue("waiting");
        await _released.Task.WaitAsync(cancellationToken);
        journal.Enqueue("released");
        return true;
    }

    public ValueTask<bool> ReleaseAsync(CancellationToken cancellationToken)
    {
        _released.TrySetResult();
        return ValueTask.FromResult(true);
    }

    public async IAsyncEnumerable<int> CountAsync(int to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var number = 1; number <= to; number++)
        {
            await Task.Yield();
            yield return number;
        }

        await _released.Task.WaitAsync(cancellationToken);
    }

    public ValueTask<bool> EndAsync(CancellationToken cancellationToken)
    {
        context.Deactivate();
        return ValueTask.FromResult(true);
    }
}

internal sealed class ProbeState
{
    public int Sum { get; set; }
}
