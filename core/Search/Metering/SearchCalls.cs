using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Search.Metering;

/// <summary>
/// Asks the models of search as every other model is asked: admitted by limits and budgets, past the upstream's breaker, and settled by what the
/// upstream reports.
/// </summary>
/// <param name="admission">Limits and budgets.</param>
/// <param name="router">Breakers and the upstreams' limits.</param>
/// <param name="catalog">Prices.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class SearchCalls(
    IAdmission admission, IRouter router, IModelCatalog catalog, TimeProvider time, ILogger<SearchCalls> logger)
{
    /// <summary>What runs in the background waits for its limits, but a task that is stopped for longer is better tried anew.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RenewalPeriod = RateLimitRequest.DefaultLease / 3;

    /// <summary>Makes a call.</summary>
    /// <exception cref="RequestException">It was refused, or is the caller's mistake.</exception>
    /// <exception cref="OrleansChatException">The model failed, or its breaker is open.</exception>
    internal async Task<T> AskAsync<T>(SearchPayer payer, SearchCall<T> call, CancellationToken cancellationToken)
    {
        var model = catalog.OfTarget(call.Target);
        var grant = await AdmitAsync(payer, call, model, cancellationToken);
        var used = new CallUsage();
        using var over = new CancellationTokenSource();
        var renewing = RenewAsync(grant, over.Token);
        try
        {
            var route = new RouteRequest(model, grant.Request.OperationId, call.Bytes) { Operation = call.Operation };
            var answer = await router.OpenAsync(route, AskAsync, cancellationToken);
            return answer.Value;
        }
        catch (OperationCanceledException)
        {
            used.Left();
            throw;
        }
        finally
        {
            await over.CancelAsync();
            await renewing;
            await EndAsync(grant, used, model);
        }

        async ValueTask<T> AskAsync(RouteAttempt attempt, CancellationToken opening)
        {
            used.Sent(call.Count, attempt.Prompt);
            var work = attempt.Target.Upstream == UpstreamOptions.BuiltinId ? null : UpstreamWait.Current;
            work?.Pause();
            try
            {
                return await call.Ask(used, opening);
            }
            catch (UpstreamException)
            {
                used.Failed();
                throw;
            }
            finally
            {
                work?.Resume();
            }
        }
    }

    private async ValueTask<AdmissionGrant> AdmitAsync<T>(SearchPayer payer, SearchCall<T> call, Model model, CancellationToken cancellationToken)
    {
        var request = new AdmissionRequest
        {
            OperationId = Guid.CreateVersion7(time.GetUtcNow()).ToString(),
            IsNew = true,
            Key = payer.Key,
            Model = model.Id,
            Target = call.Target,
            SessionId = payer.SessionId,
            SessionBudget = payer.SessionBudget,
            InputTokens = call.Bytes,
            InputBytes = call.Bytes,
            OutputTokens = 0,
            IsPartOfRequest = payer.IsPartOfRequest,
        };
        var deadline = time.GetUtcNow() + LongestWait;
        for (; ; )
        {
            var decision = await admission.AdmitAsync(request, cancellationToken);
            if (decision.Grant is { } grant)
                return grant;

            var refusal = decision.Refusal ?? Problem.Of(ProblemCode.Internal, "The call was refused without a reason.");
            if (!payer.IsPatient || refusal.RetryAfterSeconds is not { } seconds || time.GetUtcNow().AddSeconds(seconds) > deadline)
                throw new RequestException(refusal);

            await Task.Delay(SteadyClock.WholeMilliseconds(TimeSpan.FromSeconds(seconds)), time, cancellationToken);
        }
    }

    /// <summary>Settles what was answered, and takes back what was not. A failure is logged: the reservation then runs out with its lease.</summary>
    private async ValueTask EndAsync(AdmissionGrant grant, CallUsage used, Model model)
    {
        try
        {
            if (used.Answers > 0)
                await admission.SettleAsync(grant, used.Usage, model.Route[0], CancellationToken.None);
            else
                await admission.ReleaseAsync(grant, CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotEnded(grant.Request.OperationId, fault);
        }
    }

    private async Task RenewAsync(AdmissionGrant grant, CancellationToken over)
    {
        while (true)
        {
            await Task.Delay(RenewalPeriod, time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested)
                return;

            try
            {
                await admission.RenewAsync(grant, CancellationToken.None);
            }
            catch (Exception fault)
            {
                LogNotRenewed(grant.Request.OperationId, fault);
            }
        }
    }

    [LoggerMessage(361, LogLevel.Warning, "Operation {Operation} of search could not be settled; its reservation is booked when its lease runs out")]
    private partial void LogNotEnded(string operation, Exception fault);

    [LoggerMessage(362, LogLevel.Warning, "The leases of operation {Operation} of search could not be renewed")]
    private partial void LogNotRenewed(string operation, Exception fault);
}
