using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Health;
using OrleansChat.Core.Health.Sla;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Routing;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Health;

public sealed class HealthChecksTests : IDisposable
{
    private const string TooLate = "The check took more than 2 seconds.";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly FakeClock _clock = new();
    private readonly Component _stuck = new("stuck", isCritical: false);
    private readonly Component _lame = new("lame", isCritical: true) { Finding = new HealthFinding(HealthStatus.Degraded, "Slow.") };
    private readonly Component _well = new("well", isCritical: true);
    private readonly HealthChecks _checks;

    public HealthChecksTests()
    {
        var sla = new SlaRecorder(new RoutingActors(_clock, new TestOptions<OrleansChatOptions>(new OrleansChatOptions())), _clock, NullLogger<SlaRecorder>.Instance);
        _checks = new HealthChecks([_stuck, _lame, _well], sla, _clock);
    }

    public void Dispose() => _checks.Dispose();

    [Fact]
    public async Task ACheckThatNeverAnswers_IsGivenUpAtItsLimit_AndTheOthersAreShownAsTheyAre()
    {
        _stuck.NeverAnswers = true;
        var looking = _checks.LookAsync(default).AsTask();

        _clock.Advance(Limit - TimeSpan.FromTicks(1));
        Assert.False(_stuck.Token.IsCancellationRequested);
        Assert.False(looking.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        var view = await looking.WaitAsync(TestWait.Limit);

        Assert.Equal(HealthStatus.Degraded, view.Status);
        Assert.Equal([("stuck", HealthStatus.Unhealthy, TooLate), ("lame", HealthStatus.Degraded, "Slow."), ("well", HealthStatus.Healthy, null)],
            view.Components.Select(component => (component.Name, component.Status, component.Detail)));
        Assert.Equal((TooLate, _clock.GetUtcNow(), TimeSpan.Zero), (view.Components[0].LastError, view.Components[0].LastErrorAt, view.Components[0].Uptime));
        Assert.Equal(Limit.TotalMilliseconds, view.Components[0].ResponseTimeMs);
        Assert.Equal((null, 0), (view.Components[2].LastError, view.Components[2].ResponseTimeMs));
        Assert.True(_stuck.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task ACriticalCheckThatNeverAnswers_MakesTheWholeUnhealthy_UntilItAnswersAgain()
    {
        _well.NeverAnswers = true;
        var looking = _checks.LookAsync(default).AsTask();
        _clock.Advance(Limit);
        Assert.Equal(HealthStatus.Unhealthy, (await looking.WaitAsync(TestWait.Limit)).Status);

        _well.NeverAnswers = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        var view = await _checks.LookAsync(default).AsTask().WaitAsync(TestWait.Limit);

        Assert.Equal(HealthStatus.Degraded, view.Status);
        Assert.Equal((HealthStatus.Healthy, null, TooLate), (view.Components[2].Status, view.Components[2].Detail, view.Components[2].LastError));
    }

    private sealed class Component(string name, bool isCritical) : IHealthComponent
    {
        public bool NeverAnswers { get; set; }

        public HealthFinding Finding { get; init; } = HealthFinding.Healthy;

        public CancellationToken Token { get; private set; }

        public string Name => name;

        public bool IsCritical => isCritical;

        // It does not listen to its token either.
        public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
        {
            Token = cancellationToken;
            return NeverAnswers ? new(new TaskCompletionSource<HealthFinding>().Task) : ValueTask.FromResult(Finding);
        }
    }
}
