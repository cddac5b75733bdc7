using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;

namespace OrleansChat.Contract.Tests.Admission;

/// <summary>Requests that wait for their limits, through all their scopes.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class PatientAdmissionContract<THost> : AdmissionSuite<THost>
    where THost : IActorHostFactory
{
    private static readonly RateLimits OneAMinute = new() { RequestsPerMinute = 1, MaxWait = TimeSpan.FromSeconds(90) };

    private WaitingCalls Waits => field ??= new WaitingCalls(Clock, Actors);

    [Fact]
    public async Task Admit_WhereItsKeyMayWait_PassesWhenTheWindowHasSlid()
    {
        var admission = Admission();
        Assert.NotNull((await AdmitAsync(admission, "a", Key("k", OneAMinute))).Grant);
        var slides = Clock.GetUtcNow() + TimeSpan.FromMinutes(1);

        var waiting = AdmitAsync(admission, "b", Key("k", OneAMinute));
        await Waits.UntilAsync(waiting);

        Assert.NotNull((await waiting).Grant);
        Assert.InRange(Clock.GetUtcNow(), slides, slides + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Admit_ThatCannotPassInTime_IsRefusedAtOnce()
    {
        var admission = Admission();
        var key = Key("k", OneAMinute with { MaxWait = TimeSpan.FromSeconds(59) });
        Assert.NotNull((await AdmitAsync(admission, "a", key)).Grant);

        var refusal = (await AdmitAsync(admission, "b", key)).Refusal!;

        Assert.Equal(("key:k requestsPerMinute", 60.0), (refusal.Subject, refusal.RetryAfterSeconds));
    }

    [Fact]
    public async Task Admit_ThatIsRefusedAfterWaiting_SaysWhenItWouldPass()
    {
        var admission = Admission();
        var key = Key("k", new RateLimits { TokensPerMinute = 10, MaxWait = TimeSpan.FromSeconds(70) });
        Assert.NotNull((await AdmitAsync(admission, "a", key, tokens: 10)).Grant);
        var first = AdmitAsync(admission, "first", key, tokens: 10);
        await Waits.InLineAsync("key:k");
        var began = Clock.GetUtcNow();

        // It fits sixty seconds from now if it were alone, but another is first.
        var second = AdmitAsync(admission, "second", key, tokens: 10);
        await Waits.UntilAsync(first);
        await Waits.UntilAsync(second);

        Assert.NotNull((await first).Grant);
        Assert.Equal("key:k tokensPerMinute", (await second).Refusal!.Subject);
        Assert.InRange(Clock.GetUtcNow() - began, TimeSpan.FromSeconds(55), TimeSpan.FromSeconds(72));
    }

    [Fact]
    public async Task Admit_WhileItWaitsForOneScope_HoldsNoOther()
    {
        var admission = Admission(teamLimits: new LimitOptions { MaxConcurrent = 1, MaxWait = TimeSpan.FromSeconds(60) });
        var key = Key("k", new RateLimits { MaxConcurrent = 1, RequestsPerMinute = 5 }, team: "t");
        var first = await AdmitAsync(admission, "a", Key("other", RateLimits.None, team: "t"));
        var waiting = AdmitAsync(admission, "b", key);
        await Waits.InLineAsync("team:t");

        var status = await Actors.RateLimiter("key:k").DescribeAsync(key.Limits, default);
        Assert.Equal((5, 0), (status.RequestsPerMinute!.Remaining, status.Concurrent!.InUse));

        await admission.ReleaseAsync(first.Grant!, default);
        await Waits.UntilAsync(waiting);
        Assert.NotNull((await waiting).Grant);
    }

    [Fact]
    public async Task Admit_OfManyThatWaitInSeveralScopes_LetsAllPassAndNeverTooMany()
    {
        var wait = TimeSpan.FromMinutes(10);
        var admission = Admission(teamLimits: new LimitOptions { MaxConcurrent = 3, MaxWait = wait }, modelLimits: new LimitOptions { MaxConcurrent = 4, MaxWait = wait });
        var keys = Enumerable.Range(0, 3).Select(i => Key($"k{i}", new RateLimits { MaxConcurrent = 2, MaxWait = wait }, team: "t")).ToList();
        var (running, most) = (0, 0);

        var all = Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(async () =>
        {
            var grant = (await AdmitAsync(admission, $"{i}", keys[i % 3])).Grant;
            Assert.NotNull(grant);
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            await admission.ReleaseAsync(grant, default);
        })));
        await Waits.UntilAsync(all);

        await all;
        Assert.InRange(most, 1, 3);
        foreach (var scope in (string[])["key:k0", "key:k1", "key:k2", "team:t", "model:m"])
            Assert.Equal(0, (await Actors.RateLimiter(scope).DescribeAsync(new RateLimits { MaxConcurrent = 1 }, default)).Concurrent!.InUse);
    }

    [Fact]
    public async Task Admit_WhoseCallerLeavesWhileItWaits_HoldsNothing()
    {
        var admission = Admission();
        var key = Key("k", new RateLimits { MaxConcurrent = 1, MaxWait = TimeSpan.FromMinutes(1) });
        var first = await AdmitAsync(admission, "a", key);
        using var leaving = new CancellationTokenSource();
        var waiting = AdmitAsync(admission, "b", key, cancellationToken: leaving.Token);
        await Waits.InLineAsync("key:k");

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await admission.ReleaseAsync(first.Grant!, default);

        Assert.NotNull((await AdmitAsync(admission, "c", key)).Grant);
    }

    private static ApiKey Key(string id, RateLimits limits, string? team = null) => new() { Id = id, Team = team, Limits = limits };

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
            seen = Interlocked.CompareExchange(ref most, value, seen) is var found && found == seen ? value : found;
    }

    private async Task<AdmissionDecision> AdmitAsync(
        IAdmission admission, string id, ApiKey key, long tokens = 1, CancellationToken cancellationToken = default)
    {
        try
        {
            return await admission.AdmitAsync(
                new AdmissionRequest { OperationId = id, Key = key, Model = "m", InputTokens = tokens, OutputTokens = 0 }, cancellationToken);
        }
        finally
        {
            Waits.End(id);
        }
    }

    private ScopedAdmission Admission(LimitOptions? teamLimits = null, LimitOptions? modelLimits = null) =>
        Admission(Waits.Actors, new OrleansChatOptions
        {
            Teams = [new TeamOptions { Id = "t", Limits = teamLimits ?? new() }],
            Models = [new ModelOptions { Id = "m", Route = ["up/m"], Limits = modelLimits ?? new() }],
        });
}
