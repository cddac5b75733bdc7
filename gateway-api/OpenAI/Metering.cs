using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.Anthropic;
using OrleansChat.GatewayApi.Problems;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>Admits stateless calls and settles them.</summary>
internal sealed partial class Metering(IAdmission admission, RenewalClock renewals, TimeProvider clock, ILogger<Metering> logger)
{
    /// <summary>Passes a call through its limits and budgets, and announces the key's limits.</summary>
    /// <exception cref="RequestException">The refusal.</exception>
    public async ValueTask<AdmissionGrant> AdmitAsync(HttpContext context, AdmissionRequest request)
    {
        var decision = await admission.AdmitAsync(request, context.RequestAborted);
        CompletionHeaders.SetLimits(context.Response.Headers, decision.KeyStatus);
        if (VendorError.ShapeOf(context.Request.Path) is VendorShape.Anthropic)
            AnthropicHeaders.SetLimits(context.Response.Headers, decision.KeyStatus, clock.GetUtcNow());
        if (decision.Grant is { IsUncounted: true })
            FallbackHeader.Add(context, Fallbacks.UsageStoreAllowed);
        return decision.Grant ?? throw new RequestException(
            decision.Refusal ?? Problem.Of(ProblemCode.Internal, "The request was refused without a reason."));
    }

    /// <summary>Asks for a second upstream call beside the first.</summary>
    /// <returns>The grant; null where it was refused.</returns>
    public async ValueTask<AdmissionGrant?> AdmitHedgeAsync(AdmissionGrant first, CancellationToken cancellationToken)
    {
        var request = first.Request with { OperationId = $"{first.Request.OperationId}/hedge" };
        return (await admission.AdmitAsync(request, cancellationToken)).Grant;
    }

    /// <summary>Keeps the leases of a running call.</summary>
    /// <returns>What ends it.</returns>
    public IAsyncDisposable Keep(AdmissionGrant grant) => renewals.Keep(() => RenewAsync(grant));

    /// <summary>Books what a call used; the client's going away changes nothing about it.</summary>
    /// <returns>The cost in nano-dollars; null where it could not be booked.</returns>
    public async ValueTask<long?> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target)
    {
        try
        {
            return await admission.SettleAsync(grant, usage, target, CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotSettled(grant.Request.OperationId, fault);
            return null;
        }
    }

    /// <summary>Takes a call back that used nothing.</summary>
    public async ValueTask ReleaseAsync(AdmissionGrant grant)
    {
        try
        {
            await admission.ReleaseAsync(grant, CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotReleased(grant.Request.OperationId, fault);
        }
    }

    private async Task RenewAsync(AdmissionGrant grant)
    {
        try
        {
            await admission.RenewAsync(grant, CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotRenewed(grant.Request.OperationId, fault);
        }
    }

    [LoggerMessage(EventId = 30, EventName = "NotSettled", Level = LogLevel.Warning, Message = "Operation {Operation} could not be settled; its reservation is booked when its lease runs out.")]
    private partial void LogNotSettled(string operation, Exception fault);

    [LoggerMessage(EventId = 31, EventName = "NotReleased", Level = LogLevel.Warning, Message = "Operation {Operation} could not be taken back; its reservation runs out with its lease.")]
    private partial void LogNotReleased(string operation, Exception fault);

    [LoggerMessage(EventId = 32, EventName = "NotRenewed", Level = LogLevel.Warning, Message = "The leases of operation {Operation} could not be renewed.")]
    private partial void LogNotRenewed(string operation, Exception fault);
}
