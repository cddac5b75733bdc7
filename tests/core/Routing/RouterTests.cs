using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Core.Tests.Routing;

public sealed class RouterTests : IDisposable
{
    private static readonly UpstreamTarget One = new("one", "a");
    private static readonly UpstreamTarget Two = new("two", "b");

    private readonly FakeClock _clock = new();
    private readonly RoutingActors _actors;
    private readonly BreakerWatch _watch;
    private readonly TestOptions<OrleansChatOptions> _settings;
    private readonly ScopeRules _rules;
    private readonly ModelCatalog _catalog;
    private readonly Router _router;
    private int _operations;

    public RouterTests()
    {
        _settings = new TestOptions<OrleansChatOptions>(new OrleansChatOptions
        {
            Models =
            [
                new ModelOptions { Id = "default", Route = ["one/a", "two/b"] },
                new ModelOptions { Id = "single", Route = ["one/a"] },
                new ModelOptions { Id = "limited", Route = ["one/a", "three/a", "three/b", "four/a"] },
            ],
            Upstreams =
            [
                new UpstreamOptions { Id = "two", Limits = new LimitOptions { RequestsPerMinute = 2 } },
                new UpstreamOptions { Id = "three", Limits = new LimitOptions { MaxConcurrent = 1 } },
            ],
        });
        _actors = new RoutingActors(_clock, _settings);
        _watch = new BreakerWatch(_actors, _clock, _settings, NullLogger<BreakerWatch>.Instance);
        _rules = new ScopeRules(_settings);
        _catalog = new ModelCatalog(_settings);
        _router = new Router(_actors, _watch, _rules, _clock);
    }

    [Fact]
    public async Task Open_WhenTheFirstTargetAnswers_AsksNoOther()
    {
        var asked = new List<UpstreamTarget>();

        var call = await OpenAsync("default", target =>
        {
            asked.Add(target);
            return "hello";
        });

        Assert.Equal((One, "hello"), (call.Target, call.Value));
        Assert.Equal([One], asked);
    }

    [Theory]
    [InlineData(UpstreamFailure.Connection)]
    [InlineData(UpstreamFailure.Timeout)]
    [InlineData(UpstreamFailure.ServerError)]
    [InlineData(UpstreamFailure.RateLimited)]
    [InlineData(UpstreamFailure.Protocol)]
    [InlineData(UpstreamFailure.Unauthorized)]
    [InlineData(UpstreamFailure.NotFound)]
    public async Task Open_WhenATargetFails_GoesToTheNext(UpstreamFailure failure)
    {
        var call = await OpenAsync("default", target => target == One ? throw Failed(One, failure) : "hello");

        Assert.Equal(Two, call.Target);
    }

    [Fact]
    public async Task Open_WhenATargetHasBecomeSlow_GoesToTheNext_AndIsRefusedAtOnceWithoutOne()
    {
        var slow = new OrleansChatOptions { Upstreams = [new UpstreamOptions { Id = "one", MaxSlowdown = 1.5 }] };
        using var meters = new TestMeters();
        var router = new Router(_actors, _watch, _rules, _clock) { Places = new UpstreamPlaces(slow, _clock, meters) };
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
        var before = router.FindRefusal(_catalog.Find("single"));
        Assert.Equal((refused.Message, 503, 1.0, Fallbacks.Shedding), (before?.Message, before?.Problem.Status, before?.Problem.RetryAfterSeconds, before?.Fallback));
        Assert.Null(router.FindRefusal(_catalog.Find("default")));
        Assert.Equal(Two, (await AskAsync("default", TimeSpan.Zero)).Target);
        Assert.Equal(0, (await _actors.CircuitBreaker("one").DescribeAsync(default)).Failures);

        answer.SetResult("late");
        await Task.WhenAll(waiting);
        Assert.Null(router.FindRefusal(_catalog.Find("single")));
        Assert.Equal(One, (await AskAsync("default", TimeSpan.Zero)).Target);

        RouteRequest Request(string model) => new(_catalog.Find(model), $"op-{_operations++}", 10);

        ValueTask<RoutedCall<string>> AskAsync(string model, TimeSpan after) => router.OpenAsync(
            Request(model),
            (_, _) =>
            {
                _clock.Advance(after);
                return ValueTask.FromResult("hello");
            },
            default);
    }

    [Fact]
    public async Task Open_WhenTheRequestIsAtFault_TellsTheCallerAndAsksNoOther()
    {
        var asked = 0;

        var failure = await Assert.ThrowsAsync<UpstreamException>(async () => await OpenAsync("default", target =>
        {
            asked++;
            throw Failed(target, UpstreamFailure.InvalidRequest);
        }));

        Assert.Equal((1, "invalid_request"), (asked, failure.Problem.Code));
        Assert.Equal(0, (await _actors.CircuitBreaker("one").DescribeAsync(default)).Failures);
    }

    [Fact]
    public async Task Open_WhenAllTargetsFail_ListsWhatEachSaid()
    {
        var failure = await Assert.ThrowsAsync<OrleansChatException>(async () => await OpenAsync(
            "default", target => throw Failed(target, target == One ? UpstreamFailure.Timeout : UpstreamFailure.ServerError)));

        Assert.Equal("upstream_error", failure.Problem.Code);
        Assert.Contains("[one/a]", failure.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains("[two/b]", failure.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(2, Assert.IsType<AggregateException>(failure.InnerException).InnerExceptions.Count);
    }

    [Theory]
    [InlineData(UpstreamFailure.Timeout, "upstream_timeout")]
    [InlineData(UpstreamFailure.Connection, "upstream_unavailable")]
    [InlineData(UpstreamFailure.ServerError, "upstream_error")]
    public async Task Open_WhenTheOnlyTargetFails_KeepsItsProblem(UpstreamFailure failure, string code)
    {
        var thrown = await Assert.ThrowsAsync<OrleansChatException>(async () => await OpenAsync("single", target => throw Failed(target, failure)));

        Assert.Equal(code, thrown.Problem.Code);
        Assert.IsType<UpstreamException>(thrown.InnerException);
    }

    [Fact]
    public async Task Open_AfterFiveFailures_LeavesTheTargetAloneUntilItsProbe()
    {
        await OpenBreakerAsync();
        var asked = new List<UpstreamTarget>();
        await OpenAsync("default", target => Note(asked, target));
        Assert.Equal([Two], asked);

        _clock.Advance(TimeSpan.FromMinutes(1));
        asked.Clear();
        await OpenAsync("default", target => Note(asked, target));
        await OpenAsync("default", target => Note(asked, target));
        Assert.Equal([One, One], asked);
    }

    [Fact]
    public async Task Open_WhenATargetIsCoolingDown_SaysWhenToComeBack()
    {
        await Assert.ThrowsAsync<OrleansChatException>(async () => await OpenAsync(
            "single", target => throw new UpstreamException("one", UpstreamFailure.RateLimited, "busy") { RetryAfter = TimeSpan.FromSeconds(7) }));
        _clock.Advance(TimeSpan.FromSeconds(2));

        var refused = await Assert.ThrowsAsync<OrleansChatException>(async () => await OpenAsync("single", _ => "hello"));
        Assert.Equal(("upstream_unavailable", 5.0), (refused.Problem.Code, refused.Problem.RetryAfterSeconds));

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("hello", (await OpenAsync("single", _ => "hello")).Value);
    }

    [Fact]
    public async Task Open_WhenTheCallerLeaves_IsNobodysFailure()
    {
        using var leaving = new CancellationTokenSource();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await OpenAsync(
            "default",
            target =>
            {
                leaving.Cancel();
                throw new OperationCanceledException(leaving.Token);
            },
            cancellationToken: leaving.Token));

        Assert.Equal(0, (await _actors.CircuitBreaker("one").DescribeAsync(default)).Failures);
    }

    [Fact]
    public async Task Open_WhenAProbesCallerLeaves_TheNextCallerProbes()
    {
        await OpenBreakerAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await OpenAsync("single", _ => throw new OperationCanceledException()));

        Assert.Equal("hello", (await OpenAsync("single", _ => "hello")).Value);
    }

    [Fact]
    public async Task Open_WhileTheBreakerIsClosed_CallsNoActor()
    {
        await OpenAsync("single", _ => "hello");
        var calls = _actors.BreakerCalls;

        for (var i = 0; i < 100; i++)
            await OpenAsync("single", _ => "hello");

        Assert.Equal(calls, _actors.BreakerCalls);
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
        var admitted = new RouteRequest(_catalog.Find("default"), "admitted", 10) { AdmittedBy = "two" };

        var call = await _router.OpenAsync(admitted, Answer, default);
        var refused = await Assert.ThrowsAsync<OrleansChatException>(async () => await _router.OpenAsync(admitted with { AdmittedBy = "one" }, Answer, default));

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
            new InterceptedActors(_actors, call => call.Method == nameof(IRateLimiterActor.SettleAsync) ? throw new StorageException("The store is away.") : default), _watch, _rules, _clock);

        var call = await router.OpenAsync(
            new RouteRequest(_catalog.Find("limited"), "op", 10), (attempt, _) => attempt.Target.Upstream == "four" ? ValueTask.FromResult("hello") : throw Failed(attempt.Target, UpstreamFailure.NotFound), default);

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
    public async Task Open_WhenATargetFailsAfterItsCallerHasLeft_AsksNoOther()
    {
        using var leaving = new CancellationTokenSource();
        var asked = new List<UpstreamTarget>();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await OpenAsync(
            "default",
            target =>
            {
                asked.Add(target);
                leaving.Cancel();
                throw Failed(target, UpstreamFailure.ServerError);
            },
            leaving.Token));

        Assert.Equal([One], asked);
    }

    [Fact]
    public async Task Open_WhenAProbesLimitsCannotBeAsked_TheNextCallerProbes()
    {
        for (var i = 0; i < 5; i++)
            await _actors.CircuitBreaker("two").ReportAsync(new BreakerOutcome($"call-{i}", UpstreamFailure.ServerError), default);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var failing = new Router(new InterceptedActors(_actors, _ => throw new StorageException("The store is away.")), _watch, _rules, _clock);
        var request = new RouteRequest(_catalog.Find("default") with { Route = [Two] }, "op", 10);

        await Assert.ThrowsAsync<StorageException>(async () => await failing.OpenAsync(request, (_, _) => ValueTask.FromResult("hello"), default));

        Assert.Equal("hello", (await _router.OpenAsync(request with { OperationId = "another" }, (_, _) => ValueTask.FromResult("hello"), default)).Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task ReportFailure_AfterTheFirstToken_CountsAgainstTheTarget(int earlierFailures)
    {
        // With a failure before it, the breaker hears of the first token too, by the attempt's name.
        for (var i = 0; i < earlierFailures; i++)
            await Assert.ThrowsAsync<OrleansChatException>(async () => await OpenAsync("single", _ => throw Failed(One, UpstreamFailure.ServerError)));
        var call = await OpenAsync("single", _ => "hello");

        await _router.ReportFailureAsync(call.Target, call.AttemptId, Failed(One, UpstreamFailure.Protocol), default);

        Assert.Equal(1, (await _actors.CircuitBreaker("one").DescribeAsync(default)).Failures);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _rules.Dispose();
        _catalog.Dispose();
    }

    private static UpstreamException Failed(UpstreamTarget target, UpstreamFailure failure) => new(target.Upstream, failure, "it broke");

    private static string Note(List<UpstreamTarget> asked, UpstreamTarget target)
    {
        asked.Add(target);
        return "hello";
    }

    private async Task<long> OpenAtAsync(string upstream) =>
        (await _actors.RateLimiter($"upstream:{upstream}").DescribeAsync(new RateLimits { MaxConcurrent = 1 }, default)).Concurrent!.InUse;

    private async Task OpenBreakerAsync()
    {
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<OrleansChatException>(
                async () => await OpenAsync("single", target => throw Failed(target, UpstreamFailure.ServerError)));
        }
    }

    private async Task<RoutedCall<string>> OpenAsync(
        string model, Func<UpstreamTarget, string> open, CancellationToken cancellationToken = default)
    {
        var request = new RouteRequest(_catalog.Find(model), $"op-{_operations++}", 10);
        return await _router.OpenAsync(request, (attempt, _) => ValueTask.FromResult(open(attempt.Target)), cancellationToken);
    }
}
