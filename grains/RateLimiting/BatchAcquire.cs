using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.GrainInterfaces.RateLimiting;

namespace OrleansChat.Grains.RateLimiting;

/// <summary>Decides a batch of acquires, each as though it had come alone.</summary>
internal sealed class BatchAcquire(RateLimiterActor actor)
{
    /// <summary>
    /// Waits for the durable record, which the requests share, and no longer than until one request is decided. A decision that another caller's
    /// tentative request delays is left open: that caller's own answer may be in this very batch.
    /// </summary>
    public async ValueTask<AcquireBatchDecisions> DecideAsync(AcquireBatch batch, CancellationToken cancellationToken)
    {
        using var open = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var decisions = new RateLimitDecision?[batch.Requests.Count];
        var waiting = new List<(int Place, Task<RateLimitDecision> Decision)>();
        for (var place = 0; place < decisions.Length; place++)
        {
            var decision = Ask(batch.Requests[place], open.Token);
            if (decision.IsCompletedSuccessfully)
                decisions[place] = await decision;
            else
                waiting.Add((place, decision.AsTask()));
        }

        if (waiting.Count > 0)
        {
            await actor.WaitForRecordAsync();

            // What the record has answered is under way on this scheduler, before this.
            await Task.Yield();
            if (waiting.Count == decisions.Length && !waiting.Exists(static pair => pair.Decision.IsCompleted))
                await Task.WhenAny(waiting.Select(static pair => pair.Decision));

            await open.CancelAsync();
            foreach (var (place, decision) in waiting.Where(static pair => pair.Decision.IsCompletedSuccessfully))
                decisions[place] = await decision;
        }

        return new AcquireBatchDecisions(decisions);
    }

    private ValueTask<RateLimitDecision> Ask(RateLimitRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return actor.AcquireAsync(request, cancellationToken);
        }
        catch (OrleansChatException fault)
        {
            // Left open as well: asked alone, it fails for its own caller only.
            return ValueTask.FromException<RateLimitDecision>(fault);
        }
    }
}
