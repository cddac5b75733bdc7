using OrleansChat.Core.RateLimiting;
using OrleansChat.GrainInterfaces.RateLimiting;

namespace OrleansChat.GrainInterfaces.Tests.Directory;

/// <summary>A limiter's grain that answers when the test says so, and admits so many.</summary>
internal sealed class GatedLimiter(int limit) : IRateLimiterGrain
{
    private readonly SemaphoreSlim _gate = new(0);
    private int _left = limit;

    /// <summary>How many requests came with each call.</summary>
    public List<int> Calls { get; } = [];

    /// <summary>Thrown by the calls that come; null for none.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Operations that a batch leaves open.</summary>
    public HashSet<string> Undecided { get; } = [];

    /// <summary>Lets calls pass.</summary>
    public void Open(int calls = 1) => _gate.Release(calls);

    public async ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken)
    {
        await PassAsync(1);
        return Decide();
    }

    public async ValueTask<AcquireBatchDecisions> AcquireBatchAsync(AcquireBatch batch, CancellationToken cancellationToken)
    {
        await PassAsync(batch.Requests.Count);
        return new AcquireBatchDecisions([.. batch.Requests.Select(request => Undecided.Contains(request.OperationId) ? null : Decide())]);
    }

    public ValueTask<RateLimitDecision> WaitAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<RateLimitDecision> PeekAsync(RateLimitRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<RateLimitStatus> DescribeAsync(RateLimits limits, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task PassAsync(int requests)
    {
        lock (Calls)
            Calls.Add(requests);

        await _gate.WaitAsync();
        if (Fault is { } fault)
            throw fault;
    }

    private RateLimitDecision Decide() => new() { Admitted = Interlocked.Decrement(ref _left) >= 0 };
}
