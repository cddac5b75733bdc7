using System.Collections.Concurrent;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Turns;

/// <summary>Grants everything until told otherwise, and keeps what was asked.</summary>
internal sealed class RecordingAdmission : IAdmission
{
    private readonly ConcurrentQueue<AdmissionRequest> _asked = new();
    private readonly ConcurrentQueue<(string Operation, TokenUsage Usage, string Upstream)> _settled = new();
    private readonly ConcurrentQueue<string> _released = new();
    private readonly ConcurrentQueue<(string Operation, long NanoUsd)> _lost = new();
    private int _renewed;

    public Func<AdmissionRequest, Problem?> Refuse { get; set; } = static _ => null;

    /// <summary>Awaited before a request is decided.</summary>
    public Func<AdmissionRequest, Task> BeforeAnswer { get; set; } = static _ => Task.CompletedTask;

    public IReadOnlyCollection<AdmissionRequest> Asked => _asked;

    public IReadOnlyCollection<(string Operation, TokenUsage Usage, string Upstream)> Settled => _settled;

    public IReadOnlyCollection<string> Released => _released;

    /// <summary>What was charged at its estimate, in nano-dollars.</summary>
    public IReadOnlyCollection<(string Operation, long NanoUsd)> Lost => _lost;

    public int Renewed => Volatile.Read(ref _renewed);

    /// <summary>What each settlement costs, in nano-dollars.</summary>
    public long Cost { get; set; } = 1_000;

    public async ValueTask<AdmissionDecision> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        _asked.Enqueue(request);
        await BeforeAnswer(request);
        var refusal = Refuse(request);
        return new AdmissionDecision
        {
            Grant = refusal is null ? new AdmissionGrant(request, Cost) : null,
            Refusal = refusal,
            KeyStatus = new RateLimitStatus(),
        };
    }

    public ValueTask<long> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, CancellationToken cancellationToken)
    {
        _settled.Enqueue((grant.Request.OperationId, usage, target.Upstream));
        return ValueTask.FromResult(Cost);
    }

    public ValueTask ChargeLostAsync(AdmissionGrant lost, DateTimeOffset since, CancellationToken cancellationToken)
    {
        _lost.Enqueue((lost.Request.OperationId, lost.ReservedNanoUsd));
        return ValueTask.CompletedTask;
    }

    public ValueTask ReleaseAsync(AdmissionGrant grant, CancellationToken cancellationToken)
    {
        _released.Enqueue(grant.Request.OperationId);
        return ValueTask.CompletedTask;
    }

    public ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _renewed);
        return ValueTask.CompletedTask;
    }
}
