using OrleansChat.Core.RateLimiting;
using OrleansChat.GrainInterfaces.RateLimiting;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>
/// Merges this process's acquires of one scope: while a call is under way, those that come wait and go together in the next one. The grain
/// still decides each by itself, so merging changes neither what is admitted nor the order.
/// </summary>
internal sealed class AcquireMerge(CallRepetition calls)
{
    /// <summary>Requests of one call: its message stays well below what a connection takes at once.</summary>
    private const int MaxBatch = 1_024;

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private bool _isCalling;

    /// <summary>Acquires, alone or in company.</summary>
    public ValueTask<RateLimitDecision> AcquireAsync(IRateLimiterGrain grain, RateLimitRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isCalling)
            {
                var waiting = new Waiting(request, cancellationToken);
                _waiting.Enqueue(waiting);
                return new ValueTask<RateLimitDecision>(waiting.AnswerAsync());
            }

            _isCalling = true;
        }

        return AloneAsync(grain, request, cancellationToken);
    }

    private async ValueTask<RateLimitDecision> AloneAsync(IRateLimiterGrain grain, RateLimitRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await calls.RepeatAsync(grain, static (target, call, token) => target.AcquireAsync(call, token), request, cancellationToken);
        }
        finally
        {
            // Apart from the caller, who may be a grain: the others must not wait for its scheduler.
            if (!TryEnd())
                _ = Task.Run(() => CallAsync(grain), CancellationToken.None);
        }
    }

    private bool TryEnd()
    {
        lock (_gate)
        {
            _isCalling = _waiting.Count > 0;
            return !_isCalling;
        }
    }

    private async Task CallAsync(IRateLimiterGrain grain)
    {
        do
        {
            var batch = Take();
            try
            {
                if (batch.Count > 0)
                    await CallAsync(grain, batch);
            }
            catch (Exception fault)
            {
                foreach (var waiting in batch)
                    waiting.Decision.TrySetException(fault);
            }
        }
        while (!TryEnd());
    }

    private List<Waiting> Take()
    {
        lock (_gate)
        {
            var batch = new List<Waiting>(Math.Min(_waiting.Count, MaxBatch));
            while (batch.Count < MaxBatch && _waiting.TryDequeue(out var next))
            {
                if (next.TryTake())
                    batch.Add(next);
            }

            return batch;
        }
    }

    private async Task CallAsync(IRateLimiterGrain grain, List<Waiting> batch)
    {
        var decided = await calls.RepeatAsync(
            grain,
            static (target, requests, token) => target.AcquireBatchAsync(requests, token),
            new AcquireBatch([.. batch.Select(waiting => waiting.Request)]),
            CancellationToken.None);
        for (var i = 0; i < batch.Count; i++)
        {
            if (decided.Decisions[i] is { } decision)
                batch[i].Decision.TrySetResult(decision);
            else
                _ = AskAgainAsync(grain, batch[i]);
        }
    }

    /// <summary>Asks alone for what a batch left open: it may have to wait, or fail.</summary>
    private async Task AskAgainAsync(IRateLimiterGrain grain, Waiting waiting)
    {
        try
        {
            waiting.Decision.TrySetResult(await calls.RepeatAsync(
                grain, static (target, call, token) => target.AcquireAsync(call, token), waiting.Request, waiting.Abandoned));
        }
        catch (Exception fault)
        {
            waiting.Decision.TrySetException(fault);
        }
    }

    private sealed class Waiting(RateLimitRequest request, CancellationToken abandoned)
    {
        private int _isTaken;

        public RateLimitRequest Request { get; } = request;

        public CancellationToken Abandoned { get; } = abandoned;

        public TaskCompletionSource<RateLimitDecision> Decision { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>
        /// The answer. Whoever leaves before his request has gone out leaves at once; after that he hears what became of it, since what he takes back before it was
        /// taken would be taken afterwards, for nobody, and keep others waiting.
        /// </summary>
        public async Task<RateLimitDecision> AnswerAsync()
        {
            await using var leaving = Abandoned.UnsafeRegister(static (state, token) => ((Waiting)state!).Leave(token), this);
            return await Decision.Task;
        }

        /// <summary>Whether it goes out: its caller has not left.</summary>
        public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

        private void Leave(CancellationToken cancellationToken)
        {
            if (TryTake())
                Decision.TrySetCanceled(cancellationToken);
        }
    }
}
