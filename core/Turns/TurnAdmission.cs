using System.Globalization;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Turns.Context;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns;

/// <summary>Asks for a turn's attempts, settles them and takes them back. Each attempt is an operation of its own.</summary>
/// <param name="admission">Limits and budgets.</param>
/// <param name="router">Knows which upstreams have no room.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class TurnAdmission(IAdmission admission, IRouter router, TimeProvider time, ILogger<TurnAdmission> logger)
{
    /// <summary>A restarted turn waits for its limits, but not longer than a client would.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    /// <summary>Asks every scope of a turn's first attempt, unless no upstream has room for it: then nobody has anything to remember of the turn.</summary>
    /// <param name="plan">The turn.</param>
    /// <param name="cancellationToken">Ends the wait; what was granted so far is taken back.</param>
    /// <returns>The grant.</returns>
    /// <exception cref="RequestException">A scope's refusal.</exception>
    /// <exception cref="OrleansChatException">Each upstream of the model has more to do than it answers in time.</exception>
    public async ValueTask<AdmissionGrant> AdmitAsync(TurnPlan plan, CancellationToken cancellationToken)
    {
        const int attempt = 1;
        if (!plan.Intent.IsCommand && router.FindRefusal(plan.Model) is { } full)
            throw full;

        var decision = await AskAsync(plan, attempt, cancellationToken);
        return decision.Grant ?? throw Refused(decision);
    }

    /// <summary>Asks every scope of a later attempt. A refusal that passes soon is waited out: the turn exists, and its client waits already.</summary>
    /// <param name="plan">The turn.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The grant.</returns>
    /// <exception cref="RequestException">The refusal.</exception>
    public async ValueTask<AdmissionGrant> AdmitLaterAsync(TurnPlan plan, int attempt, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + LongestWait;
        for (; ; )
        {
            var decision = await AskAsync(plan, attempt, cancellationToken);
            if (decision.Grant is { } grant)
                return grant;

            if (decision.Refusal?.RetryAfterSeconds is not { } seconds || time.GetUtcNow().AddSeconds(seconds) > deadline)
                throw Refused(decision);

            await Task.Delay(SteadyClock.WholeMilliseconds(TimeSpan.FromSeconds(seconds)), time, cancellationToken);
        }
    }

    /// <summary>Asks for a second upstream call beside the first. Nobody needs it, so that a failure is a refusal.</summary>
    /// <param name="first">The first call's grant.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The grant; null when it was refused.</returns>
    public async ValueTask<AdmissionGrant?> AdmitHedgeAsync(AdmissionGrant first, CancellationToken cancellationToken)
    {
        var request = first.Request with { OperationId = HedgeOf(first.Request.OperationId) };
        return (await admission.AdmitAsync(request, cancellationToken)).Grant;
    }

    /// <summary>Books what an attempt used. A failure is logged: the reservation is then booked at its estimate when its lease runs out.</summary>
    /// <param name="plan">The turn.</param>
    /// <param name="grant">The attempt's grant.</param>
    /// <param name="usage">What it used.</param>
    /// <param name="target">The upstream that was asked.</param>
    /// <returns>The cost in nano-dollars.</returns>
    public async ValueTask<long> SettleAsync(TurnPlan plan, AdmissionGrant grant, TokenUsage usage, UpstreamTarget target)
    {
        try
        {
            return await admission.SettleAsync(grant, usage, target, CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotSettled(grant.Request.OperationId, fault);
            return plan.Model.Price.CostOf(usage);
        }
    }

    /// <summary>Charges an attempt that a dead host lost at its estimate.</summary>
    /// <param name="lost">What is known of the attempt.</param>
    /// <returns>A task.</returns>
    /// <exception cref="OrleansChatException">It could not be charged.</exception>
    public ValueTask ChargeLostAsync(LostAttempt lost)
    {
        var operation = OperationOf(lost.TurnId, lost.Reserved.Attempt);
        var request = new AdmissionRequest
        {
            OperationId = lost.Reserved.IsHedge ? HedgeOf(operation) : operation,
            Key = lost.Caller,
            Model = lost.Model,
            SessionId = lost.SessionId,
            SessionBudget = lost.SessionBudget,
            InputTokens = lost.Reserved.Tokens,
            OutputTokens = 0,
        };
        return admission.ChargeLostAsync(new AdmissionGrant(request, lost.Reserved.NanoUsd), lost.Reserved.At, CancellationToken.None);
    }

    /// <summary>Takes an attempt back that used nothing. A failure is logged: the reservation then runs out with its lease.</summary>
    /// <param name="grant">The attempt's grant.</param>
    /// <returns>A task.</returns>
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

    /// <summary>Extends the leases of an attempt. A failure is logged: the next renewal comes soon.</summary>
    /// <param name="grant">The attempt's grant.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public async ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken)
    {
        try
        {
            await admission.RenewAsync(grant, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogNotRenewed(grant.Request.OperationId, fault);
        }
    }

    private static string OperationOf(string turnId, int attempt) => string.Create(CultureInfo.InvariantCulture, $"{turnId}/{attempt}");

    private static string HedgeOf(string operationId) => $"{operationId}/hedge";

    private static RequestException Refused(AdmissionDecision decision) =>
        new(decision.Refusal ?? Problem.Of(ProblemCode.Internal, "The request was refused without a reason."));

    private ValueTask<AdmissionDecision> AskAsync(TurnPlan plan, int attempt, CancellationToken cancellationToken) =>
        admission.AdmitAsync(
            new AdmissionRequest
            {
                OperationId = OperationOf(plan.TurnId, attempt),
                Key = plan.Caller,
                Model = plan.Model.Id,
                SessionId = plan.SessionId,
                SessionBudget = plan.SessionBudget,
                InputTokens = plan.InputTokens,

                // Passages are bounded by their greatest length, and a conversation above the window by the window: neither is a count of bytes.
                InputBytes = plan.Searches || plan.InputTokens >= plan.Model.ContextTokens ? 0 : plan.InputTokens,
                OutputTokens = plan.Intent.IsCommand ? 0 : ContextWindow.Of(plan.Model).Output,
            },
            cancellationToken);

    [LoggerMessage(321, LogLevel.Warning, "Operation {Operation} could not be settled; its reservation is booked when its lease runs out")]
    private partial void LogNotSettled(string operation, Exception fault);

    [LoggerMessage(322, LogLevel.Warning, "Operation {Operation} could not be taken back; its reservation runs out with its lease")]
    private partial void LogNotReleased(string operation, Exception fault);

    [LoggerMessage(323, LogLevel.Warning, "The leases of operation {Operation} could not be renewed")]
    private partial void LogNotRenewed(string operation, Exception fault);
}
