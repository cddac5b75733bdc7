using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Contract.Tests.Local;

/// <summary>Admission where the actors of all scopes are in one process, and are asked at one moment.</summary>
public sealed class LocalJointAdmissionTests : ActorContract<LocalHost>
{
    private static readonly LimitOptions Roomy = new() { RequestsPerMinute = 100_000, MaxConcurrent = 100_000 };
    private static readonly ApiKey Key = new() { Id = "k", Team = "t", Limits = Roomy.ToLimits() };

    [Theory]
    [InlineData("key:k")]
    [InlineData("team:t")]
    [InlineData("model:default")]
    public async Task Admit_WhileAnActorIsBusy_HoldsNothing_AndThenAdmitsInAll(string busy)
    {
        Host.Settings.Change(new OrleansChatOptions
        {
            Teams = [new TeamOptions { Id = "t", Limits = Roomy }],
            Models = [new ModelOptions { Id = "default", Route = ["up/gpt"], Limits = Roomy }],
        });
        using var catalog = new ModelCatalog(Host.Settings);
        using var rules = new ScopeRules(Host.Settings);
        using var watch = new BreakerWatch(Actors, Clock, Host.Settings, NullLogger<BreakerWatch>.Instance);
        var admission = new ScopedAdmission(Actors, catalog, rules, watch, Clock);
        Assert.NotNull((await AdmitAsync(admission, "first")).Grant);
        string[] others = [.. ((string[])["key:k", "team:t", "model:default"]).Where(scope => scope != busy)];

        var visit = await VisitAsync(((ILocalActors)Actors).LocalRateLimiter(busy));
        var admitting = AdmitAsync(admission, "second").AsTask();
        var (before, isOver) = (await UnderWayAsync(others), admitting.IsCompleted);
        End(visit);

        Assert.NotNull((await admitting).Grant);
        Assert.Equal(("1 1", false), (before, isOver));
        Assert.Equal("2 2 2", await UnderWayAsync([.. others, busy]));
    }

    [Fact]
    public async Task Settle_AfterSettingsHaveChanged_IsHeardByTheScopesOfToday()
    {
        var before = new OrleansChatOptions { Models = [new ModelOptions { Id = "default", Route = ["up/gpt"], InputUsdPerMillion = 1 }] };
        Host.Settings.Change(before);
        using var catalog = new ModelCatalog(Host.Settings);
        using var rules = new ScopeRules(Host.Settings);
        using var watch = new BreakerWatch(Actors, Clock, Host.Settings, NullLogger<BreakerWatch>.Instance);
        var admission = new ScopedAdmission(Actors, catalog, rules, watch, Clock);
        var grant = (await AdmitAsync(admission, "a")).Grant!;

        Host.Settings.Change(before with { Org = new OrgOptions { Budget = new BudgetOptions { Usd = 1 } } });
        var cost = await admission.SettleAsync(grant, new TokenUsage(1, 0), new UpstreamTarget("up", "gpt"), default);

        Assert.Equal((1_000, 1_000), (cost, (await Actors.CostTracker("org").DescribeAsync(rules.OrgBudget, default)).SpentNanoUsd));
        Assert.Equal(0, (await Actors.RateLimiter("key:k").DescribeAsync(Roomy.ToLimits(), default)).Concurrent!.InUse);
    }

    private static ValueTask<AdmissionDecision> AdmitAsync(ScopedAdmission admission, string id) => admission.AdmitAsync(
        new AdmissionRequest { OperationId = id, Key = Key, Model = "default", InputTokens = 1, OutputTokens = 1 }, default);

    private static async Task<IActorVisit<IRateLimiterActor>> VisitAsync(ILocalActor<IRateLimiterActor> actor)
    {
        IActorVisit<IRateLimiterActor>? visit;
        while ((visit = actor.TryBeginVisit()) is null)
            await actor.WaitForTurnAsync(default);

        return visit;
    }

    private static void End(IActorVisit<IRateLimiterActor> visit)
    {
        var outer = SynchronizationContext.Current;
        visit.End();
        SynchronizationContext.SetSynchronizationContext(outer);
    }

    private async Task<string> UnderWayAsync(string[] scopes)
    {
        var states = await Task.WhenAll(scopes.Select(async scope => await Actors.RateLimiter(scope).DescribeAsync(Roomy.ToLimits(), default)));
        return string.Join(' ', states.Select(state => state.Concurrent!.InUse));
    }
}
