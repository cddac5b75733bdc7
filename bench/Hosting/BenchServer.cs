using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Bench.Hosting;

/// <summary>The whole product in this process with its sockets on a free port, over a journal in a folder of its own.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly Standalone.Journal.Journal _journal;
    private readonly WebApplication _application;

    private BenchServer(DirectoryInfo folder, Standalone.Journal.Journal journal, WebApplication application)
    {
        _folder = folder;
        _journal = journal;
        _application = application;
    }

    public Uri Address => new(_application.Urls.Single());

    public static async Task<BenchServer> StartAsync(OrleansChatOptions options, Action<IServiceCollection>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-bench-");
        options = options with { Urls = "http://127.0.0.1:0", DataDirectory = folder.FullName, Logging = new LoggingOptions { Level = "None" } };
        var journal = await Standalone.Journal.Journal.OpenAsync(
            new JournalOptions { DataDirectory = folder.FullName },
            TimeProvider.System,
            NullLogger<Standalone.Journal.Journal>.Instance,
            CancellationToken.None);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseOrleansChatKestrel(options);

        // Before the rest: what is there already is not replaced.
        configure?.Invoke(builder.Services);
        builder.Services.AddStandalone(options, journal);
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.MapOrleansChat();
        await application.StartAsync();
        return new BenchServer(folder, journal, application);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        await _journal.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
