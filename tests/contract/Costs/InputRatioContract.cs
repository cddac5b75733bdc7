using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.InputRatios;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Contract.Tests.Costs;

public abstract class InputRatioContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    private IInputRatioActor Ratio => Actors.InputRatio("some/model");

    [Fact]
    public async Task Learn_FromManyProcesses_HoldsForAll()
    {
        var bounds = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => LearnAsync(64, 100_000 + i))));

        Assert.Equal(1_000_000, bounds.Max());
        Assert.Equal(150_014, await LearnAsync(0, 0));
    }

    [Fact]
    public async Task Learn_IsKeptAcrossACrash_AsFarAsItRaisesTheBound()
    {
        await LearnAsync(200, 100_000);
        await LearnAsync(1, 400_000);
        await Host.CrashAsync();

        Assert.Equal(600_000, await LearnAsync(0, 0));
    }

    [Fact]
    public async Task Learn_IsKeptAcrossAnOrderlyEnd()
    {
        await LearnAsync(150, 100_000);
        await Host.DeactivateAllAsync();

        Assert.Equal(150_000, await LearnAsync(50, 1));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    public async Task Learn_OfWhatCannotBe_IsTheCallersMistake(long settlements, long most) =>
        await Assert.ThrowsAsync<RequestException>(() => LearnAsync(settlements, most));

    [Fact]
    public async Task Estimates_OfAProcess_FollowWhatSettlementsHad()
    {
        var estimates = new InputEstimates(Actors);
        Assert.Equal(1_000, estimates.BoundOf("m", 1_000));
        for (var i = 0; i < 320; i++)
            estimates.Learn("m", 1_000, 200);

        await TestWait.UntilAsync(() => estimates.BoundOf("m", 1_000) == 300);
        estimates.Learn("m", 100, 90);
        Assert.InRange(estimates.BoundOf("m", 1_000), 900, 1_000);
        Assert.Equal(0, estimates.BoundOf("m", 0));
    }

    [Fact]
    public async Task Admission_SetsAsideWhatBytesWereSeenToMake_AndBooksMoreInFull()
    {
        Host.Settings.Change(new OrleansChatOptions
        {
            Models = [new ModelOptions { Id = "default", Route = ["up/gpt"], InputUsdPerMillion = 1, OutputUsdPerMillion = 1 }],
        });
        using var catalog = new ModelCatalog(Host.Settings);
        using var rules = new ScopeRules(Host.Settings);
        using var watch = new BreakerWatch(Actors, Clock, Host.Settings, NullLogger<BreakerWatch>.Instance);
        var estimates = new InputEstimates(Actors);
        var admission = new ScopedAdmission(Actors, catalog, rules, watch, Clock, estimates);
        Assert.Equal(1_010_000, await ReserveAsync(admission, "first", used: 200));
        for (var i = 0; i < 320; i++)
            await ReserveAsync(admission, $"a{i}", used: 200);

        await TestWait.UntilAsync(() => estimates.BoundOf("default", 1_000) == 300);
        Assert.Equal(310_000, await ReserveAsync(admission, "less", used: 800));

        var status = await Actors.CostTracker("key:k").DescribeAsync(new Budget(NanoUsd.PerUsd, BudgetWindow.Month), default);
        Assert.Equal((1, 490_000), (status.Excesses, status.ExcessNanoUsd));
        Assert.Equal((321 * 200_000) + 800_000, status.SpentNanoUsd);
        await TestWait.UntilAsync(() => estimates.BoundOf("default", 1_000) == 1_000);
        Assert.Equal(1_010_000, await ReserveAsync(admission, "more", used: 200));
    }

    /// <summary>Admits a request of 1,000 bytes and settles it; the nano-dollars that were set aside.</summary>
    private static async Task<long> ReserveAsync(ScopedAdmission admission, string id, long used)
    {
        var request = new AdmissionRequest
        {
            OperationId = id,
            Key = new ApiKey { Id = "k", Budget = new Budget(NanoUsd.PerUsd, BudgetWindow.Month) },
            Model = "default",
            InputTokens = 1_000,
            InputBytes = 1_000,
            OutputTokens = 10,
        };
        var grant = (await admission.AdmitAsync(request, default)).Grant!;
        await admission.SettleAsync(grant, new TokenUsage(used, 0), new UpstreamTarget("up", "gpt"), default);
        return grant.ReservedNanoUsd;
    }

    private async Task<long> LearnAsync(long settlements, long most) =>
        (await Ratio.LearnAsync(new InputSample(settlements, most), default)).TokensPerMillion;
}
