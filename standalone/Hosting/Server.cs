using OrleansChat.Core.Settings;
using OrleansChat.Core.Settings.Live;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.GatewayApi.Logging;
using OrleansChat.Standalone.Indexing;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Hosting;

/// <summary>Runs the server: reads the settings, opens the journal, listens, drains, closes.</summary>
internal static class Server
{
    /// <summary>The exit code of a start that failed.</summary>
    public const int StartFailed = 1;

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="arguments">Settings of the command line.</param>
    /// <param name="folder">A folder to index at start; null for none.</param>
    /// <param name="collection">The collection that it goes to.</param>
    /// <param name="cancellationToken">Stops the server.</param>
    /// <returns>The exit code: 0 after a clean stop.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, DirectoryInfo? folder, string collection, CancellationToken cancellationToken)
    {
        try
        {
            StartFault.ThrowIfUnknown(arguments);
            StartFault.ThrowIfMissing(folder);
            var places = SettingsPlaces.OfThisProcess(arguments);
            var options = OrleansChatSettings.Load(places);
            await using var journal = await OpenJournalAsync(options, cancellationToken);
            await RunAsync(options, places, journal, folder, collection, cancellationToken);
            return 0;
        }
        catch (Exception fault) when (StartFault.Describe(fault) is { } lines)
        {
            foreach (var line in lines)
                await Console.Error.WriteLineAsync(line);

            return StartFailed;
        }
    }

    private static async Task RunAsync(
        OrleansChatOptions options, SettingsPlaces places, Journal.Journal journal, DirectoryInfo? folder, string collection, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseOrleansChatKestrel(options);
        builder.Services.AddLiveSettings(options, places);
        builder.Services.AddStandalone(options, journal);
        await using var application = builder.Build();
        application.MapOrleansChat();
        await application.StartAsync(cancellationToken);
        Welcome.Print(application.Urls, options, journal.Recovery);
        if (folder is not null)
            await IndexAsync(application.Services, folder, collection, cancellationToken);

        await application.WaitForShutdownAsync(cancellationToken);
    }

    private static async Task IndexAsync(
        IServiceProvider services, DirectoryInfo folder, string collection, CancellationToken cancellationToken)
    {
        var target = ActivatorUtilities.CreateInstance<LocalIndex>(services);
        FolderIndexing.Summarise(await FolderIndexing.RunAsync(folder, collection, target, (_, _) => { }, mirrors: false, cancellationToken), collection);
    }

    /// <summary>Opens the journal of the settings' data folder.</summary>
    internal static async Task<Journal.Journal> OpenJournalAsync(OrleansChatOptions options, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection().AddOrleansChatLogging(options.Logging).BuildServiceProvider();
        return await Journal.Journal.OpenAsync(
            new JournalOptions { DataDirectory = Path.GetFullPath(options.DataDirectory) },
            TimeProvider.System,
            services.GetRequiredService<ILogger<Journal.Journal>>(),
            cancellationToken);
    }
}
