using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry.Exposition;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;
using OpenJournal = OrleansChat.Standalone.Journal.Journal;

namespace OrleansChat.Bench.Telemetry;

/// <summary>The product in a process of its own, with all telemetry or with none: listeners of spans and metrics are those of a process and not of a host.</summary>
internal static class TelemetryServer
{
    public static async Task<int> RunAsync(string upstream, string? collector, int? maxTraces = null)
    {
        var telemetry = new TelemetryOptions { OtlpEndpoint = collector, OtlpProtocol = OtlpProtocol.HttpProtobuf };
        var options = new OrleansChatOptions
        {
            Urls = "http://127.0.0.1:0",
            Logging = new LoggingOptions { Level = "None" },
            Telemetry = telemetry with { MaxTracesPerSecond = maxTraces ?? telemetry.MaxTracesPerSecond },
            Upstreams = [new UpstreamOptions { Id = "local", BaseUrl = $"{upstream}/v1" }],
            Models = [new ModelOptions { Id = "default", Route = ["local/any"], InputUsdPerMillion = 0.15m, OutputUsdPerMillion = 0.60m }],
            Org = new OrgOptions { Budget = new BudgetOptions { Usd = 1_000_000 } },
        };
        await using var journal = await OpenJournal.OpenAsync(
            new JournalOptions { DataDirectory = Path.GetFullPath("data") }, TimeProvider.System, NullLogger<OpenJournal>.Instance, CancellationToken.None);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseOrleansChatKestrel(options);
        builder.Services.AddStandalone(options, journal);
        await using var application = builder.Build();
        application.MapOrleansChat();
        await application.StartAsync();
        if (collector is null)
            application.Services.GetRequiredService<MetricCollector>().Dispose();
        Console.WriteLine($"listening on {application.Urls.Single()}");
        await application.WaitForShutdownAsync();
        return 0;
    }
}
