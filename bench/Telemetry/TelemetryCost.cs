using System.Globalization;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry.Exposition;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;
using OpenJournal = OrleansChat.Standalone.Journal.Journal;

namespace OrleansChat.Bench.Telemetry;

/// <summary>
/// What telemetry costs: chat completions over HTTP with nobody listening, and with all of it on, which is metrics collected and scraped every second,
/// every trace recorded, and both sent by OTLP to a collector that throws them away. The two take turns, and each pair gives one ratio.
/// </summary>
internal static class TelemetryCost
{
    private const int Callers = 16;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(4);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var pairs = arguments is ["--pairs", var given] ? int.Parse(given, CultureInfo.InvariantCulture) : 7;
        await using var collector = await StartCollectorAsync();
        await using var off = await StartAsync(null);
        await using var on = await StartAsync(collector.Urls.Single());
        off.Services.GetRequiredService<MetricCollector>().Dispose();
        await MeasureAsync(off, scrape: false);
        await MeasureAsync(on, scrape: true);

        var ratios = new List<double>();
        for (var pair = 0; pair < pairs; pair++)
        {
            // Whoever goes first has the colder machine, so they take turns in that too.
            var (first, second) = pair % 2 == 0 ? (off, on) : (on, off);
            var a = await MeasureAsync(first, first == on);
            var b = await MeasureAsync(second, second == on);
            var (without, with) = pair % 2 == 0 ? (a, b) : (b, a);
            ratios.Add(with / without);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"off {without,8:0}/s   on {with,8:0}/s   {with / without:0.000}"));
        }

        ratios.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median ratio {ratios[ratios.Count / 2]:0.000}"));
        return 0;
    }

    private static async Task<double> MeasureAsync(WebApplication host, bool scrape)
    {
        using var client = new HttpClient { BaseAddress = new Uri(host.Urls.Single()) };
        using var end = new CancellationTokenSource(Round);
        var begun = TimeProvider.System.GetTimestamp();
        var scraping = scrape ? ScrapeAsync(client, end.Token) : Task.CompletedTask;
        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(client, end.Token)));
        await scraping;
        return counts.Sum() / TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
    }

    private static async Task<int> CallAsync(HttpClient client, CancellationToken end)
    {
        var calls = 0;
        for (; !end.IsCancellationRequested; calls++)
        {
            using var answer = await client.PostAsJsonAsync(
                "/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hello" } } }, CancellationToken.None);
            answer.EnsureSuccessStatusCode();
        }

        return calls;
    }

    private static async Task ScrapeAsync(HttpClient client, CancellationToken end)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(end))
                await client.GetStringAsync("/metrics", CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }
    }

    private static async Task<WebApplication> StartCollectorAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseOrleansChatKestrel(new OrleansChatOptions { Urls = "http://127.0.0.1:0" });
        var application = builder.Build();
        application.Run(static context => context.Request.Body.CopyToAsync(Stream.Null));
        await application.StartAsync();
        return application;
    }

    private static async Task<WebApplication> StartAsync(string? collector)
    {
        var options = new OrleansChatOptions
        {
            Urls = "http://127.0.0.1:0",
            Logging = new LoggingOptions { Level = "None" },
            Telemetry = new TelemetryOptions { OtlpEndpoint = collector, OtlpProtocol = OtlpProtocol.HttpProtobuf },
        };
        var journal = await OpenJournal.OpenAsync(
            new JournalOptions { DataDirectory = Directory.CreateTempSubdirectory("orleanschat-bench-").FullName },
            TimeProvider.System,
            NullLogger<OpenJournal>.Instance,
            CancellationToken.None);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseOrleansChatKestrel(options);
        builder.Services.AddStandalone(options, journal);
        var application = builder.Build();
        application.MapOrleansChat();
        await application.StartAsync();
        return application;
    }
}
