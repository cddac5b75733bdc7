using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Telemetry;

/// <summary>What the shipped alerts say while something goes wrong, of the metrics that the product gives then, as Prometheus evaluates them.</summary>
public sealed class AlertTests
{
    private const string Question = """{"model":"default","messages":[{"role":"user","content":"Hi"}]}""";

    [PrometheusFact]
    public async Task Rules_AreReadWithoutAFault()
    {
        var (status, told) = await AlertTimeline.CheckRulesAsync();

        Assert.True(status == 0, told);
    }

    [PrometheusFact]
    public async Task Traffic_ThatIsAnswered_TellsNobody()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl), WithoutTime);
        await AskAsync(host, HttpStatusCode.OK);
        var first = await PageAsync(host);
        await AskAsync(host, HttpStatusCode.OK, times: 20);

        await new AlertTimeline(first).Pass(60, await PageAsync(host)).Expect().CheckAsync();
    }

    [PrometheusFact]
    public async Task Upstream_ThatIsGone_IsToldOfWhileItIs()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.WithStandIn(upstream.BaseUrl, new OrleansChatOptions { Breakers = GatewayHost.QuickBreakers }));
        await AskAsync(host, HttpStatusCode.OK);
        var timeline = new AlertTimeline(await PageAsync(host));

        var answers = upstream.Fallback;
        upstream.Fallback = static _ => Reply.Drop();
        await AskAsync(host, HttpStatusCode.OK, times: 5);
        var gone = await PageUntilAsync(host, page => page.Sum("orleanschat_breaker_state", ("upstream", "scripted")) == 1);
        timeline.Pass(5, gone).Expect("BreakerOpen").Pass(6, gone).Expect("BreakerOpen", "FallbackInUse");

        upstream.Fallback = answers;
        await TestWait.UntilAsync(async () =>
        {
            await AskAsync(host, HttpStatusCode.OK);
            var page = await PageAsync(host);
            return page.Sum("orleanschat_breaker_state") + page.Sum("orleanschat_fallbacks_active") == 0;
        });
        await timeline.Pass(1, await PageAsync(host)).Expect().CheckAsync();
    }

    [PrometheusFact]
    public async Task Requests_ThatFail_AreToldOfByTheirShareAndTheirCause()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        var options = new OrleansChatOptions { Breakers = new BreakerOptions { ConsecutiveFailures = 1_000 } };
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, options), WithoutTime);
        await AskAsync(host, HttpStatusCode.OK, times: 100);
        var timeline = new AlertTimeline(await PageAsync(host));

        upstream.Fallback = static _ => Reply.Drop();
        await AskAsync(host, HttpStatusCode.ServiceUnavailable, times: 60);

        await timeline.Pass(10, await PageAsync(host)).Expect("ErrorRate", "IncidentOpen", "TooManyFailures").CheckAsync();
    }

    [PrometheusFact]
    public async Task Budget_IsToldOfOnceFourFifthsAreSpent()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        var options = GatewayHost.With(upstream.BaseUrl);
        await using var host = await GatewayHost.StartAsync(options with
        {
            ApiKeys = [new ApiKeyOptions { Id = "k", Secret = "sk-k", Budget = new BudgetOptions { Usd = 0.01m, Window = BudgetWindow.Total } }, new ApiKeyOptions { Id = "a", Secret = "sk-a", Admin = true }],
        });
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", "sk-k");

        // A dollar a million: 0.0079 of 0.01, and 0.0081.
        upstream.Enqueue(Reply.Text("a").WithUsage(7_900, 0));
        await AskAsync(host, HttpStatusCode.OK);
        var before = await PageAsync(host, "sk-a");
        var timeline = new AlertTimeline(before).Pass(10, before).Expect();
        upstream.Enqueue(Reply.Text("a").WithUsage(200, 0));
        await AskAsync(host, HttpStatusCode.OK);

        await timeline.Pass(1, await PageUntilAsync(host, page => page.Sum("orleanschat_budget_spent_usd", ("scope", "key:k")) > 0.008, "sk-a")).Expect("BudgetNearlySpent").CheckAsync();
    }

    [PrometheusFact]
    public async Task SecretFile_ThatIsGone_IsToldOfAfterAWhile()
    {
        using var secret = new SecretFile("one");
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await secret.StartAsync(upstream.BaseUrl);
        await AskAsync(host, HttpStatusCode.OK);
        var timeline = new AlertTimeline(await PageAsync(host));

        secret.Delete();
        var gone = await PageUntilAsync(host, page => page.Sum("orleanschat_secrets_unreadable") == 1);

        await timeline.Pass(1, gone).Expect().Pass(6, gone).Expect("SecretUnreadable").CheckAsync();
    }

    [PrometheusFact]
    public async Task Requests_ThatAreTurnedAway_AreToldOf()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions { Gateway = new GatewayOptions { MaxInFlight = 1 } }), WithoutTime);
        var timeline = new AlertTimeline(await PageAsync(host));
        using var gate = new StreamGate();
        upstream.Enqueue(Reply.Pieces("a").GatedBy(gate));
        var running = AskAsync(host, HttpStatusCode.OK);
        await TestWait.UntilAsync(() => host.Services.GetRequiredService<LoadGate>().InFlight == 1);

        await AskAsync(host, HttpStatusCode.ServiceUnavailable, times: 2);
        gate.Open();
        await running;

        await timeline.Pass(10, await PageAsync(host)).Expect("Shedding", "ErrorRate").CheckAsync();
    }

    [PrometheusFact]
    public async Task Keys_ThatAreGuessed_AreToldOf()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        var options = GatewayHost.With(upstream.BaseUrl);
        await using var host = await GatewayHost.StartAsync(options with { ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a", Admin = true }] });
        var timeline = new AlertTimeline(await PageAsync(host, "sk-a"));
        for (var i = 0; i < 700; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Authorization = new("Bearer", $"sk-{i}") } };
            using var refused = await host.Client.SendAsync(request);
            Assert.False(refused.IsSuccessStatusCode);
        }

        await timeline.Pass(11, await PageAsync(host, "sk-a")).Expect("KeysAreGuessed").CheckAsync();
    }

    // A clock that stands: nothing takes long, however busy the machine.
    private static void WithoutTime(IServiceCollection services)
    {
        var clock = new FakeClock();
        services.AddSingleton<TimeProvider>(clock).AddSingleton<IStartupFilter>(new RequestClock(clock));
    }

    private static async Task AskAsync(GatewayHost host, HttpStatusCode status, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            using var answer = await host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json(Question));
            Assert.Equal(status, answer.StatusCode);
        }
    }

    private static async Task<MetricPage> PageAsync(GatewayHost host, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        using var answer = await host.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return MetricPage.Parse(text);
    }

    private static async Task<MetricPage> PageUntilAsync(GatewayHost host, Predicate<MetricPage> isThere, string? key = null)
    {
        MetricPage? page = null;
        await TestWait.UntilAsync(async () => isThere(page = await PageAsync(host, key)));
        return page!;
    }
}
