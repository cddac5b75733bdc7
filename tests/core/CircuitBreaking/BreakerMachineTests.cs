using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.CircuitBreaking;

public sealed class BreakerMachineTests(ITestOutputHelper output)
{
    private static readonly BreakerOptions Options = new();

    private readonly BreakerMachine _breaker = new(Options, new BreakerMemory());
    private long _now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;
    private int _calls;

    [Fact]
    public void Report_FiveFailuresInARow_Opens()
    {
        Fail(4);
        Assert.Equal(BreakerState.Closed, State);

        Fail(1);
        Assert.Equal(BreakerState.Open, State);
        Assert.Equal((false, false), _breaker.Enter("x", _now));
        var snapshot = _breaker.Describe("u", _now);
        Assert.Equal((5, _now, _now + TimeSpan.TicksPerMinute), (snapshot.Failures, snapshot.OpenedAt!.Value.UtcTicks, snapshot.RetryAt!.Value.UtcTicks));
        Assert.Contains("ServerError", snapshot.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_ASuccessBetweenFailures_StartsTheCountAnew()
    {
        Fail(4);
        Succeed();
        Fail(4);

        Assert.Equal(BreakerState.Closed, State);
    }

    [Theory]
    [InlineData(UpstreamFailure.InvalidRequest)]
    [InlineData(UpstreamFailure.NotFound)]
    [InlineData(UpstreamFailure.CircuitOpen)]
    public void Report_WhatIsNotTheUpstreamsFault_NeverOpens(UpstreamFailure failure)
    {
        for (var i = 0; i < 100; i++)
            _breaker.Report(new BreakerOutcome($"c{i}", failure), _now);

        Assert.Equal(BreakerState.Closed, State);
    }

    [Fact]
    public void Report_ACancelledCall_NeverCounts()
    {
        Fail(4);
        _breaker.Report(new BreakerOutcome("gone", null) { Cancelled = true }, _now);
        Assert.Equal(4, _breaker.State.Failures);
    }

    [Theory]
    [InlineData(UpstreamFailure.Connection)]
    [InlineData(UpstreamFailure.Timeout)]
    [InlineData(UpstreamFailure.ServerError)]
    [InlineData(UpstreamFailure.Protocol)]
    [InlineData(UpstreamFailure.Unauthorized)]
    public void Report_EachFailureOfTheUpstream_Counts(UpstreamFailure failure)
    {
        for (var i = 0; i < 5; i++)
            _breaker.Report(new BreakerOutcome($"c{i}", failure), _now);

        Assert.Equal(BreakerState.Open, State);
    }

    [Fact]
    public void Enter_AfterTheWait_LetsExactlyOneProbePass()
    {
        Fail(5);
        Pass(Options.OpenDuration - TimeSpan.FromTicks(1));
        Assert.Equal((false, false), _breaker.Enter("p", _now));

        Pass(TimeSpan.FromTicks(1));
        Assert.Equal(BreakerState.HalfOpen, State);
        Assert.Equal((true, true), _breaker.Enter("p", _now));
        Assert.Equal((false, false), _breaker.Enter("q", _now));
        Assert.Equal((true, true), _breaker.Enter("p", _now));
    }

    [Fact]
    public void Enter_WhenTheProberDied_LetsAnotherPassOnceThePermitHasRunOut()
    {
        OpenAndProbe();
        Pass(Options.ProbeLease - TimeSpan.FromTicks(1));
        Assert.Equal((false, false), _breaker.Enter("q", _now));

        Pass(TimeSpan.FromTicks(1));
        Assert.Equal((true, true), _breaker.Enter("q", _now));
    }

    [Fact]
    public void Report_TheProbesSuccess_Closes()
    {
        OpenAndProbe();
        _breaker.Report(new BreakerOutcome("probe", null), _now);

        Assert.Equal((BreakerState.Closed, 0), (State, _breaker.State.Failures));
        Assert.Equal((true, false), _breaker.Enter("x", _now));
    }

    [Fact]
    public void Report_ALateSuccessFromBeforeTheOpening_DoesNotClose()
    {
        OpenAndProbe();
        _breaker.Report(new BreakerOutcome("late", null), _now);

        Assert.Equal(BreakerState.HalfOpen, State);
    }

    [Fact]
    public void Report_TheProbesFailure_DoublesTheWaitUpToItsCap()
    {
        Fail(5);
        var wait = Options.OpenDuration;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(_now + wait.Ticks, _breaker.State.RetryAt);
            Pass(wait);
            Assert.True(_breaker.Enter($"p{i}", _now).Probe);
            _breaker.Report(new BreakerOutcome($"p{i}", UpstreamFailure.Timeout), _now);
            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, Options.MaxOpenDuration.Ticks));
        }

        Assert.Equal(Options.MaxOpenDuration, wait);
    }

    [Fact]
    public void Report_TheProbesCancellation_LetsAnotherProbePass()
    {
        OpenAndProbe();
        _breaker.Report(new BreakerOutcome("probe", null) { Cancelled = true }, _now);

        Assert.Equal((true, true), _breaker.Enter("q", _now));
    }

    [Fact]
    public void Report_RateLimited_CoolsDownForAsLongAsTheUpstreamAsked()
    {
        _breaker.Report(new BreakerOutcome("a", UpstreamFailure.RateLimited, TimeSpan.FromSeconds(7)), _now);
        Assert.Equal((BreakerState.Open, 0), (State, _breaker.State.Failures));
        Assert.Equal(_now + TimeSpan.FromSeconds(7).Ticks, _breaker.Describe("u", _now).RetryAt!.Value.UtcTicks);

        Pass(TimeSpan.FromSeconds(7) - TimeSpan.FromTicks(1));
        Assert.Equal((false, false), _breaker.Enter("b", _now));

        Pass(TimeSpan.FromTicks(1));
        Assert.Equal((true, false), _breaker.Enter("b", _now));
        Assert.Equal(BreakerState.Closed, State);
    }

    [Fact]
    public void Report_RateLimitedWithoutATime_CoolsDownForTheDefault_AndNeverLongerThanTheCap()
    {
        _breaker.Report(new BreakerOutcome("a", UpstreamFailure.RateLimited), _now);
        Assert.Equal(_now + Options.DefaultCooldown.Ticks, _breaker.State.CoolUntil);

        _breaker.Report(new BreakerOutcome("b", UpstreamFailure.RateLimited, TimeSpan.FromDays(30)), _now);
        Assert.Equal(_now + Options.MaxCooldown.Ticks, _breaker.State.CoolUntil);
    }

    [Fact]
    public void Trip_HoldsUntilReset()
    {
        _breaker.Trip("ann", _now);
        Pass(TimeSpan.FromDays(400));
        Assert.Equal((false, false), _breaker.Enter("a", _now));
        Assert.Null(_breaker.Describe("u", _now).RetryAt);

        _breaker.Report(new BreakerOutcome("late", null), _now);
        Assert.Equal(BreakerState.Open, State);

        _breaker.Reset("ann", _now);
        Assert.Equal((true, false), _breaker.Enter("a", _now));
    }

    [Fact]
    public void Trip_NamesWhoDidIt_ApartFromTheCause_UntilTheBreakerOpensByItself()
    {
        _breaker.Trip("ann", _now);
        Assert.Equal(("Tripped by an admin.", "ann"), (_breaker.Describe("u", _now).Cause, _breaker.Describe("u", _now).By));

        _breaker.Reset("bob", _now);
        Assert.Null(_breaker.Describe("u", _now).By);
        Fail(Options.ConsecutiveFailures);
        Assert.Null(_breaker.Describe("u", _now).By);
        Assert.Equal(["ann", "bob", null], _breaker.History().Transitions.Select(transition => transition.By));
        Assert.Equal(["Tripped by an admin.", "Reset by an admin."], _breaker.History().Transitions.Take(2).Select(transition => transition.Cause));
    }

    [Fact]
    public void Report_WithAFailureRatio_OpensByTheShareOfAllCallsInTheWindow()
    {
        var options = Options with { FailureRatio = 0.5, MinimumCalls = 20, ConsecutiveFailures = 1_000 };
        var breaker = new BreakerMachine(options, new BreakerMemory());
        for (var i = 0; i < 10; i++)
            breaker.Report(new BreakerOutcome($"c{i}", UpstreamFailure.ServerError) { EarlierSuccesses = i == 0 ? 11 : 0 }, _now);

        Assert.Equal(BreakerState.Closed, breaker.StateAt(_now));
        breaker.Report(new BreakerOutcome("last", UpstreamFailure.ServerError), _now);
        Assert.Equal(BreakerState.Open, breaker.StateAt(_now));
    }

    [Fact]
    public void Report_WithAFailureRatio_SeesFailuresOnBothSidesOfAWindowsEdge()
    {
        var breaker = WithRatio();
        _now -= _now % TimeSpan.TicksPerMinute;
        Pass(TimeSpan.FromSeconds(55));
        FailAt(breaker, 10);
        Pass(TimeSpan.FromSeconds(10));
        FailAt(breaker, 10);

        Assert.Equal(BreakerState.Open, breaker.StateAt(_now));
    }

    [Fact]
    public void Report_WithAFailureRatio_ForgetsWhatIsOlderThanTheWindow()
    {
        var breaker = WithRatio();
        FailAt(breaker, 19);
        Pass(TimeSpan.FromMinutes(1));
        FailAt(breaker, 19);

        Assert.Equal(BreakerState.Closed, breaker.StateAt(_now));
    }

    [Fact]
    public void History_KeepsTheLastChangesOnly()
    {
        for (var i = 0; i < BreakerHistory.Most; i++)
        {
            _breaker.Trip($"trip {i}", _now);
            _breaker.Reset($"reset {i}", _now);
        }

        var history = _breaker.History().Transitions;
        Assert.Equal(BreakerHistory.Most, history.Count);
        Assert.Equal(($"trip {BreakerHistory.Most / 2}", $"reset {BreakerHistory.Most - 1}"), (history[0].By, history[^1].By));
    }

    [Fact]
    public void History_OfACooldown_TellsWhenItEnds()
    {
        _breaker.Report(new BreakerOutcome("a", UpstreamFailure.RateLimited, TimeSpan.FromSeconds(7), "busy"), _now);

        var cooldown = Assert.Single(_breaker.History().Transitions);
        Assert.Equal((BreakerState.Open, "RateLimited: busy"), (cooldown.State, cooldown.Cause));
        Assert.Equal(TimeSpan.FromSeconds(7), cooldown.RetryAt - cooldown.At);
    }

    [Fact]
    public void EverySequence_AtRandom_HasAtMostOneLiveProbeAndANewVersionForEveryChange()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 300; round++)
        {
            var memory = new BreakerMemory();
            var breaker = new BreakerMachine(Options, memory);
            var permits = new Dictionary<string, long>();
            for (var step = 0; step < 200; step++)
            {
                _now += random.NextInt64(random.Next(5) == 0 ? TimeSpan.TicksPerMinute * 2 : TimeSpan.TicksPerSecond);
                var before = (memory.Version, memory.Phase, memory.Failures, memory.RetryAt, memory.CoolUntil, memory.ProbeId);
                var live = permits.Where(permit => permit.Value > _now).Select(permit => permit.Key).ToList();
                var id = live.Count > 0 && random.Next(2) == 0 ? live[0] : $"{round}-{step}";
                if (random.Next(2) == 0)
                {
                    var (allowed, probe) = breaker.Enter(id, _now);
                    Assert.True(allowed || !probe);
                    if (probe && !live.Contains(id))
                    {
                        Assert.Empty(live);
                        permits[id] = _now + Options.ProbeLease.Ticks;
                    }
                }
                else
                {
                    UpstreamFailure? failure = random.Next(3) == 0 ? null : (UpstreamFailure)random.Next(8);
                    breaker.Report(new BreakerOutcome(id, failure, random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(100)) : null), _now);
                    permits.Remove(id);
                }

                var after = (memory.Version, memory.Phase, memory.Failures, memory.RetryAt, memory.CoolUntil, memory.ProbeId);
                Assert.True(after.Version > before.Version || after == before);
            }
        }
    }

    private static BreakerMachine WithRatio() =>
        new(Options with { FailureRatio = 0.5, MinimumCalls = 20, ConsecutiveFailures = 1_000 }, new BreakerMemory());

    private void FailAt(BreakerMachine breaker, int times)
    {
        for (var i = 0; i < times; i++)
            breaker.Report(new BreakerOutcome($"call-{_calls++}", UpstreamFailure.ServerError), _now);
    }

    private BreakerState State => _breaker.StateAt(_now);

    private void OpenAndProbe()
    {
        Fail(5);
        Pass(Options.OpenDuration);
        Assert.True(_breaker.Enter("probe", _now).Probe);
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++)
            _breaker.Report(new BreakerOutcome($"call-{_calls++}", UpstreamFailure.ServerError, Detail: "boom"), _now);
    }

    private void Succeed() => _breaker.Report(new BreakerOutcome($"call-{_calls++}", null), _now);

    private void Pass(TimeSpan time) => _now += time.Ticks;
}
