using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Standalone.Tests.Chaos;

/// <summary>The disk under the data folder fills up and has room again.</summary>
public sealed class DiskTests
{
    [Fact]
    public async Task Disk_FillsUp_AcknowledgesNothing_AndIsWrittenToAgainWhenThereIsRoom()
    {
        await using var host = await ChaosHost.StartAsync(new OrleansChatOptions());
        var kept = (await host.PostAsync("/api/sessions", new { title = "kept" })).GetProperty("id").GetString();
        await UntilAsync(host, "healthy", HttpStatusCode.OK, 1);

        host.Files.Fail(FileStep.Write);
        using (var refused = await host.Client.PostAsJsonAsync("/api/sessions", new { title = "lost" }))
        {
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "upstream_unavailable"), (refused.StatusCode, problem.GetProperty("code").GetString()));
        }

        // Nobody is sent here any more, and what is stored can still be read.
        await UntilAsync(host, "unhealthy", HttpStatusCode.ServiceUnavailable, 0);
        Assert.Equal("kept", (await host.Client.GetFromJsonAsync<JsonElement>($"/api/sessions/{kept}")).GetProperty("title").GetString());

        // Room: it is found without anybody's request.
        host.Files.Before = static _ => { };
        await UntilAsync(host, "healthy", HttpStatusCode.OK, 1);
        await host.PostAsync("/api/sessions", new { title = "later" });
        var titles = (await host.Client.GetFromJsonAsync<JsonElement>("/api/sessions")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("title").GetString());
        Assert.Equal(["kept", "later"], titles.Order());
    }

    [PrometheusFact]
    public async Task Disk_ThatIsFull_OrSlow_IsToldOf()
    {
        await using var host = await ChaosHost.StartAsync(new OrleansChatOptions());
        await host.PostAsync("/api/sessions", new { title = "before" });
        var timeline = new AlertTimeline(await host.MetricsAsync());

        // A disk that takes its time: nobody ever gives the sign that is waited for.
        using var never = new ManualResetEventSlim();
        host.Files.Before = step => _ = step == FileStep.Flush && never.Wait(TimeSpan.FromSeconds(1.1));
        await host.PostAsync("/api/sessions", new { title = "slow" });
        timeline.Pass(5, await host.MetricsAsync()).Expect("JournalLag");

        host.Files.Fail(FileStep.Write);
        (await host.Client.PostAsJsonAsync("/api/sessions", new { title = "lost" })).Dispose();
        await TestWait.UntilAsync(async () => await host.StatusOfAsync("journal") == "unhealthy");
        timeline.Pass(1, await host.MetricsAsync()).Expect("JournalLag", "JournalSick");

        host.Files.Before = static _ => { };
        await TestWait.UntilAsync(async () => await host.StatusOfAsync("journal") == "healthy");
        timeline.Pass(1, await host.MetricsAsync());
        await host.PostAsync("/api/sessions", new { title = "after" });
        await timeline.Pass(10, await host.MetricsAsync()).Expect().CheckAsync();
    }

    // The series is that of the shipped alert JournalSick.
    private static async Task UntilAsync(ChaosHost host, string journal, HttpStatusCode ready, double healthy)
    {
        await ShippedRules.AssertAskAsync("orleanschat_journal_healthy == 0");
        await TestWait.UntilAsync(async () =>
        {
            using var answer = await host.Client.GetAsync("/ready");
            return (await host.StatusOfAsync("journal"), answer.StatusCode, (await host.MetricsAsync()).Sum("orleanschat_journal_healthy")) == (journal, ready, healthy);
        });
    }
}
