using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Bench.Hosting;

/// <summary>The whole product in this process, over a journal in a folder of its own, without its sockets.</summary>
internal sealed class BenchHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly Standalone.Journal.Journal _journal;
    private readonly ServiceProvider _services;

    private BenchHost(DirectoryInfo folder, Standalone.Journal.Journal journal, ServiceProvider services)
    {
        _folder = folder;
        _journal = journal;
        _services = services;
    }

    public static async Task<BenchHost> StartAsync(OrleansChatOptions options, Action<IServiceCollection>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-bench-");
        var journal = await Standalone.Journal.Journal.OpenAsync(
            new JournalOptions { DataDirectory = folder.FullName },
            TimeProvider.System,
            NullLogger<Standalone.Journal.Journal>.Instance,
            CancellationToken.None);
        var services = new ServiceCollection();

        // Before the rest: what is there already is not replaced.
        configure?.Invoke(services);
        services.AddStandalone(options with { DataDirectory = folder.FullName, Logging = new LoggingOptions { Level = "None" } }, journal);
        return new BenchHost(folder, journal, services.BuildServiceProvider());
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>The data folder.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Ends the product and keeps its folder.</summary>
    public async Task CloseAsync()
    {
        await _services.DisposeAsync();
        await _journal.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Delete(recursive: true);
    }
}
