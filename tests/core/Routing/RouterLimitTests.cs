using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>Upstreams that have no room: another is asked, and a place that was taken there in vain is given back.</summary>
public sealed class RouterLimitTests : RouterSuite
{
    [Fact]
    public async Task Open_WhenATargetHasBecomeSlow_GoesToTheNext_AndIsRefusedAtOnceWithoutOne()
    {
        var slow = new OrleansChatOptions { Upstreams = [new UpstreamOptions { Id = "one", MaxSlowdown = 1.5 }] };
        using var meters = new TestMeters();
        var router = new Router(Actors, Watch, Rules, Clock) { Places = new UpstreamPlaces(slow, Clock, meters) };
        for (var i = 0; i < 32; i++)
            await AskAsync("single", TimeSpan.FromMilliseconds(40));
        for (var i = 0; i < 16; i++)
            await AskAsync("single", TimeSpan.FromMinutes(1));

        // Those that are left wait for an answer that does not come.
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Enumerable.Range(0, TargetPlaces.Least)
            .Select(_ => router.OpenAsync(Request("single"), (_, _) => new ValueTask<string>(answer.Task), default).AsTask()).ToList();

        var refused = await Assert.ThrowsAsync<OrleansChatException>(async () => await AskAsync("single", TimeSpan.Zero));
        Assert.Equal((503, 1.0, Fallbacks.Shedding), (refused.Problem.Status, refused.Problem.RetryAfterSeconds, refused.Fallback));
        var before = router.FindRefusal(Catalog.Find("single"));
        Assert.Equal((refused.Message, 503, 1.0, Fallbacks.Shedding), (before?.Message, before?.Problem.Status, before?.Problem.RetryAfterSeconds, before?.Fallback));
        Assert.Null(router.FindRefusal(Catalog.Find("default")));
        Assert.Equal(Two, (await AskAsync("default", TimeSpan.Zero)).Target);
        Assert.Equal(0, (await Actors.CircuitBreaker("one").DescribeAsync(default)).Failures);

        answer.SetResult("late");
        await Task.WhenAll(waiting);
        Assert.Null(router.FindRefusal(Catalog.Find("single")));
        Assert.Equal(One, (await AskAsync("default", TimeSpan.Zero)).Target);

        RouteRequest Request(string model) => new(Catalog.Find(model), NextOperation(), 10);

        ValueTask<RoutedCall<string>> AskAsync(string model, TimeSpan after) => router.OpenAsync(
            Request(model),
            (_, _) =>
            {
                Clock.Advance(after);
                return ValueTask.FromResult("hello");
            },
            default);
    }

    [Fact]
    public async Task Open_WhenAnUpstreamsOwnLimitIsReached_NamesItAndTheTime()
    {
        for (var i = 0; i < 2; i++)
            await OpenAsync("default", target => target == One ? throw Failed(One, UpstreamFailure.NotFound) : "hello");

        var refused = await Assert.ThrowsAsync<OrleansChatException>(async () => await OpenAsync(
            "default", target => target == One ? throw Failed(One, UpstreamFailure.NotFound) : "hello"));

        Assert.Contains("upstream:two", refused.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(60, refused.Problem.RetryAfterSeconds);
    }

    [Fact]
    public async Task Open_OfWhatAdmissionHasCountedAgainstTheUpstream_AsksItsLimitsNoMore()
    {
        await Open_WhenAnUpstreamsOwnLimitIsReached_NamesItAndTheTime();
        var admitted = new RouteRequest(Catalog.Find("default"), "admitted", 10) { AdmittedBy = "two" };

        var call = await Router.OpenAsync(admitted, Answer, default);
        var refused = await Assert.ThrowsAsync<OrleansChatException>(async () => await Router.OpenAsync(admitted with { AdmittedBy = "one" }, Answer, default));

        Assert.Equal("two", call.Target.Upstream);
        Assert.Contains("upstream:two", refused.Problem.Detail, StringComparison.Ordinal);

        static ValueTask<string> Answer(RouteAttempt attempt, CancellationToken cancellationToken) =>
            attempt.Target == One ? throw Failed(One, UpstreamFailure.NotFound) : ValueTask.FromResult("hello");
    }

    [Fact]
    public async Task Open_WhenALimitedTargetsBreakerKeepsItsNextOneOut_GivesItsPlaceBack()
    {
        var call = await OpenAsync("limited", target => target.ToString() switch
        {
            "four/a" => "hello",
            "three/a" => throw Failed(target, UpstreamFailure.RateLimited),
            "three/b" => throw new InvalidOperationException("It cools down and is not asked."),
            _ => throw Failed(target, UpstreamFailure.NotFound),
        });

        Assert.Equal("four", call.Target.Upstream);
        Assert.Equal(0, await OpenAtAsync("three"));
    }

    [Fact]
    public async Task Open_WhenAPlaceCannotBeGivenBack_GoesOnToTheNextTarget()
    {
        var router = new Router(
            new InterceptedActors(Actors, call => call.Method == nameof(IRateLimiterActor.SettleAsync) ? throw new StorageException("The store is away.") : default), Watch, Rules, Clock);

        var call = await router.OpenAsync(
            new RouteRequest(Catalog.Find("limited"), "op", 10), (attempt, _) => attempt.Target.Upstream == "four" ? ValueTask.FromResult("hello") : throw Failed(attempt.Target, UpstreamFailure.NotFound), default);

        Assert.Equal("four", call.Target.Upstream);
    }

    [Theory]
    [InlineData(typeof(UpstreamException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task Open_WhenALimitedTargetEndsTheCall_GivesItsPlaceBack(Type fault)
    {
        await Assert.ThrowsAsync(fault, async () => await OpenAsync("limited", target =>
            throw (target == One ? Failed(One, UpstreamFailure.NotFound)
                : fault == typeof(UpstreamException) ? Failed(target, UpstreamFailure.InvalidRequest)
                : new InvalidOperationException("a fault of this server"))));

        Assert.Equal(0, await OpenAtAsync("three"));
    }

    [Fact]
    public async Task Open_WhenTheCallerLeavesWhileALimitedTargetIsAsked_LeavesItsPlaceForTheCallerToSettle()
    {
        using var leaving = new CancellationTokenSource();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await OpenAsync(
            "limited",
            target =>
            {
                if (target == One)
                    throw Failed(One, UpstreamFailure.NotFound);

                leaving.Cancel();
                throw new OperationCanceledException(leaving.Token);
            },
            leaving.Token));

        Assert.Equal(1, await OpenAtAsync("three"));
    }

    [Fact]
    public async Task Open_WhenAProbesLimitsCannotBeAsked_TheNextCallerProbes()
    {
        for (var i = 0; i < 5; i++)
            await Actors.CircuitBreaker("two").ReportAsync(new BreakerOutcome($"call-{i}", UpstreamFailure.ServerError), default);
        Clock.Advance(TimeSpan.FromMinutes(1));
        var failing = new Router(new InterceptedActors(Actors, _ => throw new StorageException("The store is away.")), Watch, Rules, Clock);
        var request = new RouteRequest(Catalog.Find("default") with { Route = [Two] }, "op", 10);

        await Assert.ThrowsAsync<StorageException>(async () => await failing.OpenAsync(request, (_, _) => ValueTask.FromResult("hello"), default));

        Assert.Equal("hello", (await Router.OpenAsync(request with { OperationId = "another" }, (_, _) => ValueTask.FromResult("hello"), default)).Value);
    }

    private async Task<long> OpenAtAsync(string upstream) =>
        (await Actors.RateLimiter($"upstream:{upstream}").DescribeAsync(new RateLimits { MaxConcurrent = 1 }, default)).Concurrent!.InUse;
}
