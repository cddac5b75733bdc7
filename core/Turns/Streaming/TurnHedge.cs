using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>Pays for the second upstream call of an attempt, where its model hedges.</summary>
internal sealed class TurnHedge(
    TurnAdmission admission, TimeProvider time, TurnPlan plan, int attempt, long inputTokens, AdmissionGrant first, ITurnEvents events)
    : IHedge<AnswerStream>, IAsyncDisposable
{
    private AdmissionGrant? _second;
    private LeaseRenewal? _renewal;

    /// <summary>What the unused call used.</summary>
    public TokenUsage Usage { get; private set; } = TokenUsage.Zero;

    /// <summary>What the unused call cost, in nano-dollars.</summary>
    public long CostNanoUsd { get; private set; }

    /// <summary>The grant of an operation.</summary>
    public AdmissionGrant GrantOf(string operationId) => _second?.Request.OperationId == operationId ? _second : first;

    /// <inheritdoc/>
    public async ValueTask<string?> AdmitAsync(CancellationToken cancellationToken)
    {
        _second = await admission.AdmitHedgeAsync(first, cancellationToken);
        if (_second is null)
            return null;

        try
        {
            // Should this host die, nobody else knows of the call.
            await events.ReserveAsync(ReservedAttempt.Of(attempt, _second, time.GetUtcNow()) with { IsHedge = true });
        }
        catch
        {
            await admission.ReleaseAsync(_second);
            throw;
        }

        _renewal = LeaseRenewal.Start(admission, _second, events, time);
        return _second.Request.OperationId;
    }

    /// <inheritdoc/>
    public async ValueTask LostAsync(LostCall<AnswerStream> lost)
    {
        var grant = GrantOf(lost.OperationId);
        if (lost.Asked is not { } target)
        {
            await admission.ReleaseAsync(grant);
            await ForgetAsync(grant);
            return;
        }

        // The prompt had gone out, and upstreams charge for it.
        Usage = UsageCount.Of(lost.Opened?.Usage, inputTokens, await ProducedAsync(lost.Opened));
        CostNanoUsd = await admission.SettleAsync(plan, grant, Usage, target);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_renewal is not null)
            await _renewal.DisposeAsync();
    }

    /// <summary>A call that was taken back is not to be charged as lost, should the host die while the other goes on.</summary>
    private async ValueTask ForgetAsync(AdmissionGrant grant)
    {
        try
        {
            await events.ForgetAsync(hedge: grant == _second);
        }
        catch (StorageException)
        {
            // The turn meets the same fault at its next record, and is brought back.
        }
    }

    /// <summary>The piece that an open call had when it was stopped.</summary>
    private static async ValueTask<string> ProducedAsync(AnswerStream? opened) => opened is { HasNext: true } ? await opened.ReadAsync() ?? "" : "";
}
