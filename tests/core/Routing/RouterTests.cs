using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>Which targets of a route are asked, and what a caller is told when none answers.</summary>
public sealed class RouterTests : RouterSuite
{
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
    public async Task Open_WhenTheRequestIsAtFault_TellsTheCallerAndAsksNoOther()
    {
        var asked = 0;

        var failure = await Assert.ThrowsAsync<UpstreamException>(async () => await OpenAsync("default", target =>
        {
            asked++;
            throw Failed(target, UpstreamFailure.InvalidRequest);
        }));

        Assert.Equal((1, "invalid_request"), (asked, failure.Problem.Code));
        Assert.Equal(0, (await Actors.CircuitBreaker("one").DescribeAsync(default)).Failures);
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

        Clock.Advance(TimeSpan.FromMinutes(1));
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
        Clock.Advance(TimeSpan.FromSeconds(2));

        var refused = await Assert.ThrowsAsync<OrleansChatException>(async () => await OpenAsync("single", _ => "hello"));
        Assert.Equal(("upstream_unavailable", 5.0), (refused.Problem.Code, refused.Problem.RetryAfterSeconds));

        Clock.Advance(TimeSpan.FromSeconds(5));
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

        Assert.Equal(0, (await Actors.CircuitBreaker("one").DescribeAsync(default)).Failures);
    }

    [Fact]
    public async Task Open_WhenAProbesCallerLeaves_TheNextCallerProbes()
    {
        await OpenBreakerAsync();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await OpenAsync("single", _ => throw new OperationCanceledException()));

        Assert.Equal("hello", (await OpenAsync("single", _ => "hello")).Value);
    }

    [Fact]
    public async Task Open_WhileTheBreakerIsClosed_CallsNoActor()
    {
        await OpenAsync("single", _ => "hello");
        var calls = Actors.BreakerCalls;

        for (var i = 0; i < 100; i++)
            await OpenAsync("single", _ => "hello");

        Assert.Equal(calls, Actors.BreakerCalls);
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

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task ReportFailure_AfterTheFirstToken_CountsAgainstTheTarget(int earlierFailures)
    {
        // With a failure before it, the breaker hears of the first token too, by the attempt's name.
        for (var i = 0; i < earlierFailures; i++)
            await Assert.ThrowsAsync<OrleansChatException>(async () => await OpenAsync("single", _ => throw Failed(One, UpstreamFailure.ServerError)));
        var call = await OpenAsync("single", _ => "hello");

        await Router.ReportFailureAsync(call.Target, call.AttemptId, Failed(One, UpstreamFailure.Protocol), default);

        Assert.Equal(1, (await Actors.CircuitBreaker("one").DescribeAsync(default)).Failures);
    }

    private static string Note(List<UpstreamTarget> asked, UpstreamTarget target)
    {
        asked.Add(target);
        return "hello";
    }

    private async Task OpenBreakerAsync()
    {
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<OrleansChatException>(
                async () => await OpenAsync("single", target => throw Failed(target, UpstreamFailure.ServerError)));
        }
    }
}
