using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Routing;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Errors;

/// <summary>What the owner of incidents writes into the log.</summary>
public sealed class IncidentsActorTests
{
    private const int Raised = 420;
    private const int Exceeded = 422;

    private readonly FakeClock _clock = new();
    private readonly InMemoryStore _store = new();
    private readonly Lines _lines = new();
    private readonly FailureLog _log;

    public IncidentsActorTests() => _log = new FailureLog(_clock);

    [Fact]
    public async Task AnIncident_IsOneLineOfTheLog_HoweverOftenItsCauseFails()
    {
        var actor = Activate();
        for (var i = 1; i < IncidentLedger.RaiseAt; i++)
            await FailAsync(actor);
        Assert.Empty(_lines.Of(Raised));

        for (var i = 0; i < 20; i++)
            await FailAsync(actor);

        var (level, line) = Assert.Single(_lines.Of(Raised));
        Assert.Equal(LogLevel.Warning, level);
        Assert.StartsWith("Incident raised: upstream upstream_error by UpstreamException: ServerError openai. ", line, StringComparison.Ordinal);
        Assert.Equal(IncidentLedger.RaiseAt + 19, Assert.Single(_log.Known.Items).Count);
    }

    [Fact]
    public async Task AnIncident_WhoseReportIsRepeated_OrWhoseOwnerMoves_IsNotRaisedAgain()
    {
        for (var i = 0; i < IncidentLedger.RaiseAt; i++)
            Fail();
        var report = _log.NextReport()!;
        var first = Activate();
        await first.ReportAsync(report, default);
        await first.ReportAsync(report, default);

        var second = Activate();
        _log.Learn(report, await second.ReportAsync(report, default));
        await FailAsync(second);

        Assert.Single(_lines.Of(Raised));
    }

    [Fact]
    public async Task AnIncidentThatComesBackAfterItsEnd_IsALineOfItsOwn()
    {
        var actor = Activate();
        for (var i = 0; i < IncidentLedger.RaiseAt; i++)
            await FailAsync(actor);
        _clock.Advance(IncidentLedger.OverAfter);
        for (var i = 0; i < 2 * IncidentLedger.RaiseAt; i++)
            await FailAsync(actor);

        Assert.Equal(2, _lines.Of(Raised).Count());
    }

    [Fact]
    public async Task ThresholdOfALayerAndCode_IsOneLine_UntilItWasNotExceededForAWhile()
    {
        var actor = Activate();
        for (var i = 1; i < IncidentLedger.TooManyAt; i++)
            await FailAsync(actor, $"upstream-{i}");
        Assert.Empty(_lines.Of(Exceeded));

        for (var i = 0; i < 10; i++)
            await FailAsync(actor, $"further-{i}");
        var (level, line) = Assert.Single(_lines.Of(Exceeded));
        Assert.Equal((LogLevel.Warning, "Too many failures: 50 (upstream, upstream_error) within 00:05:00; 50 are too many, whatever their causes"), (level, line));

        _clock.Advance(IncidentLedger.RaiseWithin);
        for (var i = 0; i < IncidentLedger.TooManyAt; i++)
            await FailAsync(actor, $"again-{i}");
        Assert.Equal(2, _lines.Of(Exceeded).Count());
        Assert.Empty(_lines.Of(Raised));
    }

    private IncidentsActor Activate()
    {
        var actors = new RoutingActors(_clock, new TestOptions<OrleansChatOptions>(new OrleansChatOptions()));
        var context = new InMemoryActorContext(_store, "incidents", IncidentsActor.Key, actors);
        return new IncidentsActor(context, context.MainState<IncidentsState>(), _clock, _lines);
    }

    private async Task FailAsync(IncidentsActor actor, string upstream = "openai")
    {
        Fail(upstream);
        var report = _log.NextReport()!;
        _log.Learn(report, await actor.ReportAsync(report, default));
    }

    private void Fail(string upstream = "openai")
    {
        var fault = new UpstreamException(upstream, UpstreamFailure.ServerError, "500");
        _log.Report(fault, fault.Problem, "c-1");
    }

    private sealed class Lines : ILogger<IncidentsActor>
    {
        private readonly List<(int Event, LogLevel Level, string Text)> _all = [];

        public IEnumerable<(LogLevel Level, string Text)> Of(int id) => _all.Where(line => line.Event == id).Select(line => (line.Level, line.Text));

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _all.Add((eventId.Id, logLevel, formatter(state, exception)));
    }
}
