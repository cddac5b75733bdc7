using System.Runtime.CompilerServices;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.GatewayApi.Tests.Health;

/// <summary>A dependency goes and comes back: what answers, <c>/health</c> and the expressions of the shipped alerts say of it.</summary>
public sealed class DependencyChaosTests
{
    [Fact]
    public async Task Upstream_GoesAndComesBack()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        var options = GatewayHost.With(upstream.BaseUrl, new OrleansChatOptions
        {
            Breakers = new BreakerOptions { ConsecutiveFailures = 2, OpenDuration = TimeSpan.FromSeconds(1), MaxOpenDuration = TimeSpan.FromSeconds(1) },
        });
        options = options with { Models = [options.Models[0] with { Route = ["scripted/scripted-model", "builtin/extractive"] }] };
        await using var host = await GatewayHost.StartAsync(options);
        upstream.Enqueue(Reply.Text("by the upstream"));
        Assert.Contains("by the upstream", await AskAsync(host), StringComparison.Ordinal);
        await UntilAsync(host, "healthy", "healthy", open: 0, fallbacks: 0);

        // Gone: every caller is answered by what stands in, and the operator hears of it.
        for (var i = 0; i < 2; i++)
        {
            upstream.Enqueue(Reply.Drop());
            Assert.DoesNotContain("by the upstream", await AskAsync(host), StringComparison.Ordinal);
        }

        await UntilAsync(host, "degraded", "unhealthy", open: 1, fallbacks: 1);

        // Back: the breaker's probe finds it, and all that was said is taken back.
        var began = TimeProvider.System.GetTimestamp();
        upstream.Enqueue(Reply.Text("by the upstream"));
        while (!(await AskAsync(host)).Contains("by the upstream", StringComparison.Ordinal))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60));
        await UntilAsync(host, "healthy", "healthy", open: 0, fallbacks: 0);
    }

    private static async Task<string> AskAsync(GatewayHost host)
    {
        using var answer = await host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }

    // The series are those of the shipped alerts BreakerOpen and FallbackInUse.
    private static async Task UntilAsync(GatewayHost host, string overall, string component, double open, double fallbacks)
    {
        var rules = await File.ReadAllTextAsync(RulesPath());
        Assert.Contains("max by (upstream) (orleanschat_breaker_state) == 1", rules, StringComparison.Ordinal);
        Assert.Contains("max by (fallback) (orleanschat_fallbacks_active) == 1", rules, StringComparison.Ordinal);
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            var health = await host.GetAsync("/health");
            var upstream = health.GetProperty("components").GetProperty("upstream:scripted").GetProperty("status").GetString();
            var page = MetricPage.Parse(await host.Client.GetStringAsync("/metrics"));
            var seen = (
                health.GetProperty("status").GetString(),
                upstream,
                page.Sum("orleanschat_breaker_state", ("upstream", "scripted")),
                page.Sum("orleanschat_fallbacks_active", ("fallback", "route-of-default")));
            if (seen == (overall, component, open, fallbacks))
                return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), $"{seen}");
        }
    }

    private static string RulesPath([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../deploy/prometheus/rules.yaml"));
}
