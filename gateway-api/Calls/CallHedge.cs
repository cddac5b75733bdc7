using OrleansChat.Core.Admission;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.OpenAI;

namespace OrleansChat.GatewayApi.Calls;

/// <summary>Pays for the second upstream call of a stateless one, where its model hedges.</summary>
internal sealed class CallHedge(Metering metering, StatelessCall call, AdmissionGrant first) : IHedge<ICompletion>, IAsyncDisposable
{
    private AdmissionGrant? _second;
    private IAsyncDisposable? _keep;

    /// <summary>The grant of an operation.</summary>
    public AdmissionGrant GrantOf(string operationId) => _second?.Request.OperationId == operationId ? _second : first;

    /// <inheritdoc/>
    public async ValueTask<string?> AdmitAsync(CancellationToken cancellationToken)
    {
        _second = await metering.AdmitHedgeAsync(first, cancellationToken);
        if (_second is null)
            return null;

        _keep = metering.Keep(_second);
        return _second.Request.OperationId;
    }

    /// <inheritdoc/>
    public async ValueTask LostAsync(LostCall<ICompletion> lost)
    {
        var grant = GrantOf(lost.OperationId);
        if (lost.Asked is not { } target)
        {
            await metering.ReleaseAsync(grant);
            return;
        }

        // The prompt had gone out, and upstreams charge for it.
        await metering.SettleAsync(grant, lost.Opened?.Usage(call.CountInput) ?? new TokenUsage(call.CountInput(), 0, Estimated: true), target);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_keep is not null)
            await _keep.DisposeAsync();
    }
}
