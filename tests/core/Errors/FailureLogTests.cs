using OrleansChat.Core.Errors;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.Core.Health;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Errors;

public sealed class FailureLogTests
{
    private readonly FakeClock _clock = new();
    private readonly FailureLog _log;
    private int _failed;

    public FailureLogTests() => _log = new FailureLog(_clock);

    [Fact]
    public void Report_NamesLayerCodeCauseChainCorrelationAndCure()
    {
        var fault = new UpstreamException("openai", UpstreamFailure.Unauthorized, "no", new HttpRequestException("sk-canary"));
        var report = _log.Report(fault, fault.Problem, "c-1");
        Assert.Equal(("upstream", "upstream_error", "openai", "c-1"), (report.Layer, report.Code, report.Subject, report.CorrelationId));
        Assert.Equal(["UpstreamException: Unauthorized", "HttpRequestException"], report.Causes);
        Assert.Contains("ApiKey of upstream 'openai'", report.Cure, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("storage")]
    [InlineData("gateway")]
    [InlineData("internal")]
    public void Report_OfAnotherLayer_IsToldApart(string layer)
    {
        Exception fault = layer switch
        {
            "storage" => new StorageException("The disk is full.", new IOException("full")),
            "gateway" => new OrleansChatException(Problem.Of(ProblemCode.Internal, "The gateway failed.")),
            _ => new InvalidOperationException("bug"),
        };
        var problem = (fault as OrleansChatException)?.Problem ?? Problem.Of(ProblemCode.Internal, "The server failed.");
        Assert.Equal(layer, _log.Report(fault, problem, "c").Layer);
    }

    [Fact]
    public void Incident_IsRaisedOnceWhenOneCauseFailsAgainAndAgain()
    {
        var first = _clock.GetUtcNow();
        for (var i = 0; i < 8; i++)
        {
            Fail("openai");
            Fail(i % 2 == 0 ? "a" : "b");
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        var incident = Assert.Single(_log.Known.Items);

        Assert.Equal(("openai", 8, first, true), (incident.Subject, incident.Count, incident.FirstAt, incident.Open));
        Assert.Equal(_clock.GetUtcNow() - TimeSpan.FromSeconds(10), incident.LastAt);
        Assert.Equal(["openai-4", "openai-5", "openai-6", "openai-7", "openai-8"], incident.CorrelationIds);
        Assert.Equal(new FailureCount("upstream", "upstream_error", 16) { Recent = 16 }, _log.Known.Counts[0]);
    }

    [Fact]
    public async Task Failures_OfManyCauses_AreHeldAgainstTheThresholdOfTheirLayerAndCode()
    {
        for (var i = 0; i < IncidentLedger.TooManyAt - 1; i++)
            Fail($"upstream-{i}");
        Assert.Equal((IncidentLedger.TooManyAt - 1, false), (_log.Known.Counts[0].Recent, _log.Known.Counts[0].Exceeded));
        Assert.Equal(HealthStatus.Healthy, (await _log.CheckAsync(default)).Status);

        Fail("one-more");
        var finding = await _log.CheckAsync(default);
        Assert.True(_log.Known.Counts[0].Exceeded);
        Assert.Empty(_log.Known.Items);
        Assert.Equal((HealthStatus.Degraded, 0, 1), (finding.Status, finding.Counts!["open"], finding.Counts["exceeded"]));
        Assert.Contains("50 failures (upstream, upstream_error)", finding.Detail, StringComparison.Ordinal);

        _clock.Advance(IncidentLedger.RaiseWithin);
        Assert.Equal((IncidentLedger.TooManyAt, 0, false), (_log.Known.Counts[0].Count, _log.Known.Counts[0].Recent, _log.Known.Counts[0].Exceeded));
        Assert.Equal(HealthStatus.Healthy, (await _log.CheckAsync(default)).Status);
    }

    [Fact]
    public void Failures_OfALayerThatTheOwnerHasNotHeardOf_AreCountedHere()
    {
        _log.Learn(null, new IncidentList([], [new FailureCount("gateway", "internal", 3)]));
        for (var i = 0; i < IncidentLedger.TooManyAt; i++)
            Fail($"upstream-{i}");

        Assert.Equal([("gateway", false), ("upstream", true)], _log.Known.Counts.Select(count => (count.Layer, count.Exceeded)));
    }

    [Fact]
    public void Threshold_IsThatOfThisVersion_WhateverOneWasStored()
    {
        var state = new IncidentsState { Counts = [new FailureCount("storage", "internal", 60) { Threshold = 7 }] };

        Assert.Equal(IncidentLedger.TooManyAt, new IncidentLedger(state).At(_clock.GetUtcNow()).Counts.Single().Threshold);
    }

    [Fact]
    public void FailuresFarApart_AreNoIncident()
    {
        for (var i = 0; i < 20; i++)
        {
            Fail("openai");
            _clock.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Empty(_log.Known.Items);
    }

    [Fact]
    public async Task Incident_IsOverAfterAQuarterOfAnHourAndComesBackAsAnother()
    {
        for (var i = 0; i < IncidentLedger.RaiseAt; i++)
        {
            Fail("openai");
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        var (finding, incident) = (await _log.CheckAsync(default), _log.Known.Items[0]);
        Assert.Equal((HealthStatus.Degraded, TimeSpan.FromSeconds(40)), (finding.Status, incident.LastAt - incident.FirstAt));
        Assert.Equal($"5 failures (upstream, upstream_error) from {incident.FirstAt:u} to {incident.LastAt:u}: {incident.Cure}", finding.Detail);
        var id = incident.Id;

        _clock.Advance(IncidentLedger.OverAfter);
        Assert.False(Assert.Single(_log.Known.Items).Open);
        Assert.Equal(HealthStatus.Healthy, (await _log.CheckAsync(default)).Status);

        for (var i = 0; i < IncidentLedger.RaiseAt; i++)
            Fail("openai");
        Assert.NotEqual(id, Assert.Single(_log.Known.Items).Id);
    }

    [Fact]
    public void PatternsWithoutEnd_AreBounded()
    {
        for (var i = 0; i < 5_000; i++)
        {
            for (var j = 0; j < IncidentLedger.RaiseAt; j++)
                Fail($"u{i}");
        }

        Assert.Equal(200, _log.Known.Items.Count);
        Assert.Equal("u4999", _log.Known.Items[0].Subject);
    }

    [Fact]
    public void Report_ThatWasNotAcknowledged_IsGivenAgainAsItWas()
    {
        Fail("openai");
        var first = _log.NextReport()!;
        Fail("openai");

        Assert.Same(first, _log.NextReport());
        _log.Learn(first, new IncidentList([], []));
        var second = _log.NextReport()!;
        Assert.Equal((first.Source, 1, 2), (second.Source, first.Sequence, second.Sequence));
        Assert.Equal((1, 1), (first.Failures.Single().Count, second.Failures.Single().Count));
        _log.Learn(second, new IncidentList([], []));
        Assert.Null(_log.NextReport());
    }

    [Fact]
    public void WhatFailsWhileTheOwnerIsGone_IsToldTogether()
    {
        for (var i = 0; i < 1_000; i++)
        {
            Fail($"u{i % 300}");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        var report = _log.NextReport()!;
        Assert.Equal(200, report.Failures.Count);
        Assert.All(report.Failures, tally => Assert.InRange(tally.Times.Count, 1, IncidentLedger.RaiseAt));
        Assert.Contains(report.Failures, tally => tally.Count == 4 && tally.Last.At - tally.FirstAt == TimeSpan.FromSeconds(900));
    }

    private void Fail(string upstream)
    {
        var fault = new UpstreamException(upstream, UpstreamFailure.ServerError, "500");
        if (upstream == "openai")
            _failed++;
        _log.Report(fault, fault.Problem, $"{upstream}-{_failed}");
    }
}
