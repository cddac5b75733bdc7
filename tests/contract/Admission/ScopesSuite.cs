using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing.Costs;

namespace OrleansChat.Contract.Tests.Admission;

/// <summary>Calls of a key through all their scopes, at a dollar for a million tokens, and what those scopes hold of them.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class ScopesSuite<THost> : AdmissionSuite<THost>
    where THost : IActorHostFactory
{
    protected const long NanoUsdPerToken = 1_000;

    protected static readonly UpstreamTarget Target = new("up", "gpt");

    private const decimal UsdPerMillion = NanoUsdPerToken / 1_000m;

    protected static OrleansChatOptions Configure(
        string team = "t", string model = "default", LimitOptions? teamLimits = null, LimitOptions? modelLimits = null, decimal? teamUsd = null,
        decimal? orgUsd = null) => new()
        {
            Org = new OrgOptions { Budget = orgUsd is { } org ? new BudgetOptions { Usd = org } : null },
            Teams =
            [
                new TeamOptions { Id = team, Limits = teamLimits ?? new(), Budget = teamUsd is { } usd ? new BudgetOptions { Usd = usd } : null },
            ],
            Models =
            [
                new ModelOptions
                {
                    Id = model, Route = ["up/gpt"], InputUsdPerMillion = UsdPerMillion, OutputUsdPerMillion = UsdPerMillion,
                    Limits = modelLimits ?? new(),
                },
            ],
        };

    protected static OrleansChatOptions Limited(OrleansChatOptions settings, LimitOptions upstream) =>
        settings with { Upstreams = [new UpstreamOptions { Id = "up", BaseUrl = "http://127.0.0.1", Limits = upstream }] };

    protected static ApiKey Key(string id, RateLimits limits, decimal? usd = null, string team = "t") => new()
    {
        Id = id,
        Team = team,
        Limits = limits,
        Budget = usd is { } dollars ? new Budget(NanoUsd.FromUsd(dollars), BudgetWindow.Month) : null,
    };

    protected static ValueTask<AdmissionDecision> AdmitAsync(
        IAdmission admission, string id, ApiKey key, long input = 10, long output = 0, string model = "default", string? session = null) =>
        admission.AdmitAsync(
            new AdmissionRequest
            {
                OperationId = id,
                Key = key,
                Model = model,
                SessionId = session,
                SessionBudget = session is null ? null : new Budget(NanoUsd.PerUsd, BudgetWindow.Total),
                InputTokens = input,
                OutputTokens = output,
            },
            default);

    protected static AdmissionRequest Part(string id, ApiKey key, long input) =>
        new() { OperationId = id, Key = key, Model = "default", InputTokens = input, OutputTokens = 0, IsPartOfRequest = true, Target = Target };

    protected ScopedAdmission Admission(OrleansChatOptions settings) => Admission(Actors, settings);

    protected async Task<(RateLimitStatus Limits, long Spent, long Reserved)> StateAsync(ApiKey key)
    {
        var limits = await Actors.RateLimiter($"key:{key.Id}").DescribeAsync(key.Limits, default);
        var costs = await Actors.CostTracker($"key:{key.Id}").DescribeAsync(key.Budget, default);
        return (limits, costs.SpentNanoUsd, costs.ReservedNanoUsd);
    }

    /// <summary>Whatever a request of the key passes.</summary>
    protected async Task<(RateLimitStatus[] Limits, (long Spent, long Reserved)[] Money)> EveryScopeAsync(RateLimits limits)
    {
        string[] limited = ["key:k", "team:t", "model:default", "upstream:up"];
        string[] paid = ["key:k", "team:t", "org", "session:s"];
        return (
            await Task.WhenAll(limited.Select(scope => Actors.RateLimiter(scope).DescribeAsync(limits, default).AsTask())),
            await Task.WhenAll(paid.Select(async scope =>
            {
                var status = await Actors.CostTracker(scope).DescribeAsync(null, default);
                return (status.SpentNanoUsd, status.ReservedNanoUsd);
            })));
    }

    protected async Task<List<LedgerEntry>> LedgerAsync(string scope)
    {
        return await Actors.CostTracker(scope).ReadLedgerAsync();
    }
}
