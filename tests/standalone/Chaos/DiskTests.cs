using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;

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

    // The series is that of the shipped alert JournalSick.
    private static async Task UntilAsync(ChaosHost host, string journal, HttpStatusCode ready, double healthy)
    {
        Assert.Contains("orleanschat_journal_healthy == 0", await File.ReadAllTextAsync(RulesPath()), StringComparison.Ordinal);
        await TestWait.UntilAsync(async () =>
        {
            using var answer = await host.Client.GetAsync("/ready");
            return (await host.StatusOfAsync("journal"), answer.StatusCode, (await host.MetricsAsync()).Sum("orleanschat_journal_healthy")) == (journal, ready, healthy);
        });
    }

    private static string RulesPath([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../deploy/prometheus/rules.yaml"));
}
