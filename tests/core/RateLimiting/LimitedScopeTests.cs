using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.RateLimiting;

public sealed class LimitedScopeTests(ITestOutputHelper output)
{
    private static readonly long Start = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    [Fact]
    public void EveryOperation_InRandomOrder_AgreesWithTheNaiveScope()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 300; round++)
            PlayRound(random, steps: 200);
    }

    [Fact]
    public void Decide_WhenSeveralLimitsAreReached_NamesTheOneThatLastsLongest()
    {
        var limits = new RateLimits { RequestsPerMinute = 1, RequestsPerDay = 1, MaxConcurrent = 1 };
        var scope = new LimitedScope();
        scope.Admit(Ask("a", limits), Start);

        var verdict = scope.Decide(Ask("b", limits), Start);

        Assert.Equal((LimitName.RequestsPerDay, Start + TimeSpan.TicksPerDay), (verdict.Limit, verdict.PassesAt));
    }

    [Theory]
    [InlineData(LimitName.RequestsPerMinute)]
    [InlineData(LimitName.TokensPerMinute)]
    [InlineData(LimitName.RequestsPerDay)]
    [InlineData(LimitName.Concurrent)]
    [InlineData(LimitName.TokensPerRequest)]
    public void Decide_ForMoreThanTheLimitEverAllows_SaysNever(string limit)
    {
        var limits = limit switch
        {
            LimitName.RequestsPerMinute => new RateLimits { RequestsPerMinute = 0 },
            LimitName.TokensPerMinute => new RateLimits { TokensPerMinute = 9 },
            LimitName.RequestsPerDay => new RateLimits { RequestsPerDay = 0 },
            LimitName.Concurrent => new RateLimits { MaxConcurrent = 0 },
            _ => new RateLimits { MaxTokensPerRequest = 9 },
        };

        var verdict = new LimitedScope().Decide(Ask("a", limits, tokens: 10), Start);

        Assert.Equal((limit, long.MaxValue), (verdict.Limit, verdict.PassesAt));
    }

    [Fact]
    public void Settle_BelowTheReservation_FreesTheRestAtOnce()
    {
        var limits = new RateLimits { TokensPerMinute = 100 };
        var scope = new LimitedScope();
        scope.Admit(Ask("a", limits, tokens: 100), Start);
        Assert.False(scope.Decide(Ask("b", limits, tokens: 70), Start).Fits);

        scope.Settle("a", 30, Start);

        Assert.True(scope.Decide(Ask("b", limits, tokens: 70), Start).Fits);
        Assert.False(scope.Decide(Ask("b", limits, tokens: 71), Start).Fits);
    }

    [Fact]
    public void Settle_AboveTheReservation_CountsInFull()
    {
        var limits = new RateLimits { TokensPerMinute = 100 };
        var scope = new LimitedScope();
        scope.Admit(Ask("a", limits, tokens: 10), Start);

        scope.Settle("a", 150, Start);

        Assert.Equal(150, scope.MinuteTokens.Sum);
        Assert.False(scope.Decide(Ask("b", limits, tokens: 1), Start).Fits);
    }

    [Fact]
    public void Settle_Twice_CountsOnce()
    {
        var limits = new RateLimits { TokensPerMinute = 100 };
        var scope = new LimitedScope();
        scope.Admit(Ask("a", limits, tokens: 50), Start);

        scope.Settle("a", 20, Start);
        scope.Settle("a", 10, Start);
        scope.Release("a");

        Assert.Equal(20, scope.MinuteTokens.Sum);
    }

    [Fact]
    public void Advance_WhenALeaseRunsOut_FreesThePlaceAndKeepsTheTokens()
    {
        var limits = new RateLimits { TokensPerMinute = 100, MaxConcurrent = 1 };
        var scope = new LimitedScope();
        var lease = TimeSpan.FromSeconds(10);
        scope.Admit(Ask("a", limits, tokens: 40) with { Lease = lease }, Start);
        Assert.Equal(Start + lease.Ticks, scope.Decide(Ask("b", limits, tokens: 1), Start).PassesAt);

        scope.Advance(Start + lease.Ticks - 1);
        Assert.Equal(1, scope.Open.Count);

        scope.Advance(Start + lease.Ticks);
        Assert.Equal(0, scope.Open.Count);
        Assert.Equal(40, scope.MinuteTokens.Sum);
    }

    [Fact]
    public void Advance_WhenATentativeAdmissionRunsOut_LeavesNothingOfIt()
    {
        var limits = new RateLimits { RequestsPerMinute = 5, RequestsPerDay = 5, TokensPerMinute = 50, MaxConcurrent = 5 };
        var scope = new LimitedScope();
        scope.Admit(Ask("a", limits, tokens: 40) with { Tentative = true }, Start);

        Assert.True(scope.Advance(Start + RateLimitRequest.TentativeLease.Ticks));

        Assert.Equal((0, 0, 0, 0), (scope.MinuteRequests.Sum, scope.MinuteTokens.Sum, scope.DayRequests.Sum, scope.Open.Count));
        Assert.False(scope.Knows("a"));
    }

    private static void PlayRound(Random random, int steps)
    {
        var scope = new LimitedScope();
        var naive = new NaiveScope();
        var limits = RandomLimits(random);
        var now = Start;
        for (var step = 0; step < steps; step++)
        {
            now += random.Next(3) == 0 ? random.NextInt64(TimeSpan.TicksPerSecond * 20) : random.Next(3);
            if (random.Next(60) == 0)
                limits = RandomLimits(random) with { Pacing = limits.Pacing, RequestsPerMinute = limits.RequestsPerMinute };

            scope.Advance(now);
            naive.Vanish(now);
            var open = naive.Open(now).ToList();
            Assert.Equal(open.Count, scope.Open.Count);
            var id = open.Count > 0 && random.Next(4) > 0 ? open[random.Next(open.Count)] : "nobody";
            switch (random.Next(8))
            {
                case 0:
                    scope.Confirm(id);
                    naive.Confirm(id, now);
                    break;
                case 1:
                    var tokens = random.NextInt64(200);
                    scope.Settle(id, tokens, now);
                    naive.Settle(id, tokens, now);
                    break;
                case 2:
                    scope.Release(id);
                    naive.Release(id, now);
                    break;
                case 3:
                    var lease = TimeSpan.FromSeconds(random.Next(1, 100));
                    scope.Renew(id, lease, now);
                    naive.Renew(id, lease, now);
                    break;
                default:
                    Request(scope, naive, RandomRequest(random, $"op-{step}", limits), now);
                    break;
            }
        }
    }

    private static void Request(LimitedScope scope, NaiveScope naive, RateLimitRequest request, long now)
    {
        var verdict = scope.Decide(request, now);
        Assert.Equal(naive.Fits(request, now), verdict.Fits);
        if (verdict.Fits)
        {
            scope.Admit(request, now);
            naive.Admit(request, now);
        }
        else if (verdict.PassesAt != long.MaxValue && !naive.HasTentative(now))
        {
            Assert.False(naive.Fits(request, verdict.PassesAt - 1), "one tick earlier it would have passed");
            Assert.True(naive.Fits(request, verdict.PassesAt), "at the moment named it would not pass");
        }
    }

    private static RateLimits RandomLimits(Random random) => new()
    {
        RequestsPerMinute = random.Next(3) == 0 ? null : random.Next(1, 20),
        TokensPerMinute = random.Next(3) == 0 ? null : random.Next(0, 500),
        RequestsPerDay = random.Next(3) == 0 ? null : random.Next(0, 60),
        MaxConcurrent = random.Next(3) == 0 ? null : random.Next(0, 10),
        MaxTokensPerRequest = random.Next(6) == 0 ? random.Next(200) : null,
        Pacing = random.Next(3) == 0 ? Pacing.Smooth : Pacing.Window,
        Burst = random.Next(2) == 0 ? null : random.Next(1, 5),
    };

    private static RateLimitRequest RandomRequest(Random random, string id, RateLimits limits) => new()
    {
        OperationId = id,
        Limits = limits,
        Tokens = random.Next(120),
        Lease = TimeSpan.FromSeconds(random.Next(1, 100)),
        Tentative = random.Next(3) == 0,
    };

    private static RateLimitRequest Ask(string id, RateLimits limits, long tokens = 0) => new() { OperationId = id, Limits = limits, Tokens = tokens };
}
