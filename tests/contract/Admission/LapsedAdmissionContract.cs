using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Contract.Tests.Admission;

/// <summary>What becomes of an admission that takes longer than its tentative parts stand, or whose caller dies in the middle.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class LapsedAdmissionContract<THost> : AdmissionSuite<THost>
    where THost : IActorHostFactory
{
    private static readonly RateLimits KeyLimits = new() { RequestsPerMinute = 5, TokensPerMinute = 1_000, MaxConcurrent = 5 };
    private static readonly RateLimits ModelLimits = new() { RequestsPerMinute = 9 };
    private static readonly Budget KeyBudget = new(NanoUsd.PerUsd, BudgetWindow.Total);
    // 20 tokens at a dollar for a million.
    private const long Estimate = 20_000;

    private static readonly TimeSpan LongerThanTentative = RateLimitRequest.TentativeLease + TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Admit_WhenWhatItHeldHasLapsed_AsksEveryScopeAnewAndHoldsAllOfThem()
    {
        var slow = true;
        var admission = Admission("team-a", teamLimit: 2, call =>
        {
            if (slow && call is { Scope: "model:m", OperationId: "a" })
            {
                slow = false;
                Clock.Advance(LongerThanTentative);
            }

            return default;
        });

        var decision = await AdmitAsync(admission, "a", "key-a", "team-a");

        Assert.NotNull(decision.Grant);
        Clock.Advance(LongerThanTentative);
        Assert.Equal((4, 1), await HeldByKeyAsync("key-a"));
        Assert.Equal(1, await LeftAsync("team:team-a", new RateLimits { RequestsPerMinute = 2 }));
        Assert.Equal(8, await LeftAsync("model:m", ModelLimits));
    }

    [Fact]
    public async Task Admit_WhoseCallerDiesAnywhereAfterAPartHasLapsed_HoldsNothingUnlessAllAdmitted()
    {
        for (var dies = 1; ; dies++)
        {
            var (team, key, calls, slow) = ($"team-{dies}", $"key-{dies}", 0, true);
            var others = Admission(team, teamLimit: 1, _ => default);
            var admission = Admission(team, teamLimit: 1, async call =>
            {
                // While one scope keeps it waiting, what it held before vanishes, and the team's only place goes to another.
                if (slow && call.Scope == "model:m")
                {
                    slow = false;
                    Clock.Advance(LongerThanTentative);
                    Assert.NotNull((await AdmitAsync(others, $"other-{dies}", $"other-{dies}", team)).Grant);
                }

                if (++calls > dies)
                    throw new CallerDied();
            });
            var died = false;
            try
            {
                Assert.Equal($"team:{team} requestsPerMinute", (await AdmitAsync(admission, $"a-{dies}", key, team)).Refusal!.Subject);
            }
            catch (CallerDied)
            {
                died = true;
            }

            Clock.Advance(LongerThanTentative);
            Assert.Equal((5, 0), await HeldByKeyAsync(key));
            Assert.Equal(0, (await Actors.CostTracker($"key:{key}").DescribeAsync(KeyBudget, default)).ReservedNanoUsd);
            Assert.Equal(slow ? 9 : 8, await LeftAsync("model:m", ModelLimits));
            if (!died)
                return;

            Clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task Admit_WhoseCallerDiesBeforeAnyOfItsCalls_CountsWhereItsWordArrivedAndNowhereElse()
    {
        // Key, team, model and the key's budget are asked, then told.
        const int Scopes = 4;
        for (var arriving = 1; arriving <= 2 * Scopes; arriving++)
        {
            var (team, key, calls) = ($"team-{arriving}", $"key-{arriving}", 0);
            var admission = Admission(team, teamLimit: 3, _ => ++calls > arriving ? throw new CallerDied() : default);
            var before = await LeftAsync("model:m", ModelLimits);
            var lives = arriving == 2 * Scopes;
            if (lives)
                Assert.NotNull((await AdmitAsync(admission, $"a-{arriving}", key, team)).Grant);
            else
                await Assert.ThrowsAsync<CallerDied>(() => AdmitAsync(admission, $"a-{arriving}", key, team).AsTask());

            Clock.Advance(LongerThanTentative);
            var (requests, inUse) = await HeldByKeyAsync(key);
            var reserved = (await Actors.CostTracker($"key:{key}").DescribeAsync(KeyBudget, default)).ReservedNanoUsd;
            long[] held = [5 - requests, 3 - await LeftAsync($"team:{team}", new RateLimits { RequestsPerMinute = 3 }), before - await LeftAsync("model:m", ModelLimits), reserved / Estimate];
            Assert.Equal(Math.Max(0, arriving - Scopes), held.Sum());
            Assert.All(held, one => Assert.InRange(one, 0, 1));
            Assert.Equal((held[0], 0), (inUse, reserved % Estimate));

            // Nothing stays: the place is free again, and what was set aside is booked at its estimate or not at all.
            Clock.Advance(RateLimitRequest.DefaultLease);
            Assert.Equal((5, 0), await HeldByKeyAsync(key));
            var money = await Actors.CostTracker($"key:{key}").DescribeAsync(KeyBudget, default);
            Assert.Equal((reserved, 0), (money.SpentNanoUsd, money.ReservedNanoUsd));
        }
    }

    [Fact]
    public async Task Settle_ByAnotherHostThanTheOneThatAdmitted_AsksNothingOfThatOne()
    {
        var isGone = false;
        var first = Admission("team-a", teamLimit: 2, _ => isGone ? throw new CallerDied() : default);
        var grant = (await AdmitAsync(first, "a", "key-a", "team-a")).Grant!;
        isGone = true;

        await Admission("team-a", teamLimit: 2, _ => default).SettleAsync(grant, new TokenUsage(5, 0), new UpstreamTarget("up", "m"), default);

        Assert.Equal((4, 0), await HeldByKeyAsync("key-a"));
        var money = await Actors.CostTracker("key:key-a").DescribeAsync(KeyBudget, default);
        Assert.Equal((Estimate / 4, 0), (money.SpentNanoUsd, money.ReservedNanoUsd));
    }

    private static ValueTask<AdmissionDecision> AdmitAsync(IAdmission admission, string id, string key, string team) => admission.AdmitAsync(
        new AdmissionRequest
        {
            OperationId = id,
            Key = new ApiKey { Id = key, Team = team, Limits = KeyLimits, Budget = KeyBudget },
            Model = "m",
            InputTokens = 10,
            OutputTokens = 10,
        },
        default);

    private ScopedAdmission Admission(string team, int teamLimit, Func<ActorCall, ValueTask> before) =>
        Admission(new InterceptedActors(Actors, before), new OrleansChatOptions
        {
            Teams = [new TeamOptions { Id = team, Limits = new LimitOptions { RequestsPerMinute = teamLimit } }],
            Models =
            [
                new ModelOptions
                {
                    Id = "m", Route = ["up/m"], InputUsdPerMillion = 1, OutputUsdPerMillion = 1,
                    Limits = new LimitOptions { RequestsPerMinute = ModelLimits.RequestsPerMinute },
                },
            ],
        });

    private async Task<(long Requests, long InUse)> HeldByKeyAsync(string key)
    {
        var status = await Actors.RateLimiter($"key:{key}").DescribeAsync(KeyLimits, default);
        return (status.RequestsPerMinute!.Remaining, status.Concurrent!.InUse);
    }

    private async Task<long> LeftAsync(string scope, RateLimits limits) =>
        (await Actors.RateLimiter(scope).DescribeAsync(limits, default)).RequestsPerMinute!.Remaining;

    private sealed class CallerDied : Exception;
}
