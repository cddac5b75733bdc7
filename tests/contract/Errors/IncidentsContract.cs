using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Contract.Tests.Hosting;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Errors.Incidents;

namespace OrleansChat.Contract.Tests.Errors;

/// <summary>What the owner of incidents promises on every host, seen by the processes that tell it of failures.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class IncidentsContract<THost> : ActorContract<THost>
    where THost : IActorHostFactory
{
    [Fact]
    public async Task OneCauseAcrossProcesses_IsOneIncident_ThatAllShow()
    {
        var (one, other) = (new FailureLog(Clock), new FailureLog(Clock));
        Fail(one, 3);
        Fail(other, 2);
        Assert.Empty(one.Known.Items);

        await ExchangeAsync(one);
        await ExchangeAsync(other);
        await ExchangeAsync(one);

        var incident = Assert.Single(one.Known.Items);
        Assert.Equal((5, true, "openai"), (incident.Count, incident.Open, incident.Subject));
        Assert.Equal(incident.Id, Assert.Single(other.Known.Items).Id);
        Assert.Equal([new FailureCount("upstream", "upstream_error", 5) { Recent = 5 }], other.Known.Counts);
    }

    [Fact]
    public async Task FailuresOfAllProcesses_AreHeldAgainstOneThreshold_AcrossACrash()
    {
        var (one, other) = (new FailureLog(Clock), new FailureLog(Clock));
        Fail(one, (int)IncidentLedger.TooManyAt - 2);
        await ExchangeAsync(one);
        Assert.False(Assert.Single(one.Known.Counts).Exceeded);
        await Host.CrashAsync();

        Fail(other, 2);
        await ExchangeAsync(other);
        await ExchangeAsync(one);

        Assert.Equal((true, IncidentLedger.TooManyAt), (one.Known.Counts[0].Exceeded, one.Known.Counts[0].Recent));
        Clock.Advance(IncidentLedger.RaiseWithin);
        Assert.False(one.Known.Counts[0].Exceeded);
        await ExchangeAsync(one);
        Assert.Equal((false, 0), (one.Known.Counts[0].Exceeded, one.Known.Counts[0].Recent));
    }

    [Fact]
    public async Task Incident_OutlivesACrash_AndGoesOn()
    {
        var before = new FailureLog(Clock);
        Fail(before, 6);
        await ExchangeAsync(before);
        var id = Assert.Single(before.Known.Items).Id;
        await Host.CrashAsync();

        var after = new FailureLog(Clock);
        await ExchangeAsync(after);
        Assert.Equal((id, 6), (Assert.Single(after.Known.Items).Id, after.Known.Items[0].Count));
        Fail(after, 1);
        await ExchangeAsync(after);
        Assert.Equal((id, 7), (Assert.Single(after.Known.Items).Id, after.Known.Items[0].Count));
    }

    [Fact]
    public async Task Incident_EndsByItself_AndComesBackAsAnother()
    {
        var log = new FailureLog(Clock);
        Fail(log, 5);
        await ExchangeAsync(log);
        var id = Assert.Single(log.Known.Items).Id;
        Clock.Advance(IncidentLedger.OverAfter);
        await ExchangeAsync(log);
        Assert.False(Assert.Single(log.Known.Items).Open);

        Fail(log, 5);
        await ExchangeAsync(log);
        Assert.NotEqual(id, Assert.Single(log.Known.Items).Id);
        Assert.True(log.Known.Items[0].Open);
    }

    [Fact]
    public async Task Report_ThatIsRepeated_CountsOnce()
    {
        var log = new FailureLog(Clock);
        Fail(log, 5);
        var report = log.NextReport()!;
        await Actors.Incidents().ReportAsync(report, default);
        await Host.CrashAsync();
        await ExchangeAsync(log);
        Assert.Equal(5, Assert.Single(log.Known.Items).Count);
        Assert.Equal(5, Assert.Single(log.Known.Counts).Count);
    }

    private async Task ExchangeAsync(FailureLog log) =>
        Assert.True(await new IncidentExchange(log, Actors, NullLogger<IncidentExchange>.Instance).ExchangeAsync(default));

    private static void Fail(FailureLog log, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var fault = new UpstreamException("openai", UpstreamFailure.ServerError, "500");
            log.Report(fault, fault.Problem, $"c-{i}");
        }
    }
}
