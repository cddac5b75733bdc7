using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Backups;
using OrleansChat.Core.Health;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.GatewayApi.Logging;
using OrleansChat.GatewayApi.Telemetry;
using OrleansChat.Providers;
using OrleansChat.Standalone.Actors;
using OrleansChat.Standalone.Journal;
using OrleansChat.Standalone.Search;
using OrleansChat.Standalone.State;

namespace OrleansChat.Standalone.Hosting;

/// <summary>Registers the whole product for one machine.</summary>
public static class StandaloneServices
{
    /// <summary>Adds the domain, the providers and the gateway over in-process actors and a journal.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings, checked.</param>
    /// <param name="journal">The open journal; the caller closes it after the host has stopped.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddStandalone(this IServiceCollection services, OrleansChatOptions options, Journal.Journal journal)
    {
        services.AddOrleansChatLogging(options.Logging);
        services.AddOrleansChatGateway(options);
        services.AddOrleansChatProviders();
        services.AddAdmission();
        services.AddModelRouting();
        services.AddTurns();
        services.AddSessions();
        services.AddSearch();
        services.AddLocalPassages(options, journal);
        services.AddLocalActors(journal);
        services.AddTelemetry();
        services.AddSingleton<IScrapeSource, JournalMetrics>();
        services.AddOrleansChatOtlp(options, "orleanschat-standalone");
        services.AddSingleton<IBackup, JournalBackup>();
        services.AddSingleton<IHealthComponent, JournalHealth>();
        services.AddSingleton<IHealthComponent, PassagesHealth>();
        services.AddSingleton<IHealthComponent, SessionHealth>();
        return services;
    }

    private static void AddLocalPassages(this IServiceCollection services, OrleansChatOptions options, Journal.Journal journal)
    {
        services.AddSingleton(_ => new InMemoryVectorStore(
            new JournalPassageLog(journal, JournalOptions.DefaultMaxValueBytes), LocalPassages.Options(options)));
        services.AddSingleton<IVectorStore>(provider => provider.GetRequiredService<InMemoryVectorStore>());
        services.AddHostedService<PassageLoading>();
    }

    private static void AddLocalActors(this IServiceCollection services, Journal.Journal journal)
    {
        // An instance: the container does not close what it did not make.
        services.AddSingleton(journal);
        services.AddSingleton<IStateStore, JournalStateStore>();
        services.AddSingleton(provider => new LocalActorDirectory(
            provider.GetRequiredService<IStateStore>(),
            provider,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LocalActorDirectory>>()));
        services.AddSingleton<IActorDirectory>(provider => provider.GetRequiredService<LocalActorDirectory>());
        services.AddHostedService<ActorsService>();
        services.AddHostedService<SessionSweepService>();
    }
}
