using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.ContentLogging;
using OrleansChat.Core.Flags;
using OrleansChat.Core.Health;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
using OrleansChat.GatewayApi.Anthropic;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Calls;
using OrleansChat.GatewayApi.Correlation;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Health;
using OrleansChat.GatewayApi.Idempotency;
using OrleansChat.GatewayApi.Json;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Mcp;
using OrleansChat.GatewayApi.OpenAI;
using OrleansChat.GatewayApi.OpenApi;
using OrleansChat.GatewayApi.Operation;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Responses;
using OrleansChat.GatewayApi.Search;
using OrleansChat.GatewayApi.Security;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.Sockets;
using OrleansChat.GatewayApi.Streams;
using OrleansChat.GatewayApi.Telemetry;
using OrleansChat.GatewayApi.Translation;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.Hosting;

/// <summary>Registers the gateway.</summary>
public static class GatewayServices
{
    /// <summary>
    /// Adds the HTTP surface. The host supplies the rest: <c>IActorDirectory</c>, <c>IAdmission</c>, <c>IRouter</c>, <c>IModelCatalog</c>,
    /// <c>IUpstreams</c> and the search services, and as many <c>IHealthComponent</c>s as it has.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings, checked.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddOrleansChatGateway(this IServiceCollection services, OrleansChatOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(options);
        services.TryAddSingleton(Options.Create(options));
        services.TryAddSingleton<IOptionsMonitor<OrleansChatOptions>>(new FixedSettings(options));

        // Faults are logged once, by this gateway; Kestrel would tell those of half-sent answers again.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical));
        services.AddMetrics();
        services.AddRouting();
        services.AddApiDescription();
        services.ConfigureHttpJsonOptions(json => GatewayJson.Configure(json.SerializerOptions));

        // Kestrel ends what is still running when the host's patience ends, so both are the same.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Gateway.DrainTimeout);

        services.AddKeys();
        services.TryAddSingleton<SecretRedaction>();
        services.TryAddSingleton<ContentLog>();
        services.TryAddSingleton<FeatureFlags>();
        services.TryAddSingleton<AuthenticationFailures>();
        services.TryAddSingleton<CallerIdentity>();
        services.TryAddSingleton<KeyBodyReader>();
        services.TryAddSingleton<KeyChange>();
        services.TryAddSingleton<LocalCallers>();
        services.TryAddSingleton<NewIds>();
        services.TryAddSingleton<SessionAccess>();
        services.TryAddSingleton<HeartbeatClock>();
        services.TryAddSingleton<TurnReader>();
        services.TryAddSingleton<TurnAnswer>();
        services.TryAddSingleton<Metering>();
        services.TryAddSingleton<RenewalClock>();
        services.TryAddSingleton<CachedAnswers>();
        services.TryAddSingleton<IdempotentAnswers>();
        services.TryAddSingleton<Settlements>();
        services.TryAddSingleton<StatelessCalls>();
        services.TryAddSingleton<TranslatedCalls>();
        services.TryAddSingleton<CompletionHandler>();
        services.TryAddSingleton<MessagesHandler>();
        services.TryAddSingleton<ResponseStore>();
        services.TryAddSingleton<ResponseHandler>();
        services.TryAddSingleton<EmbeddingHandler>();
        services.TryAddSingleton<OpenAIRoutes.StartTime>();
        services.TryAddSingleton<SocketSearch>();
        services.TryAddSingleton<OpenSockets>();
        services.TryAddSingleton(FrameBuffer.NewPool());
        services.AddMcp();
        services.AddHostedService<MigrationService>();
        services.TryAddSingleton<Scopes>();
        services.TryAddSingleton<DrainGate>();
        services.AddHealth(options);
        services.TryAddSingleton<HealthAnswers>();
        services.TryAddSingleton<LagMeter>();
        services.TryAddSingleton(provider => new LoadGate(
            options.Gateway,
            provider.GetRequiredService<IMeterFactory>(),
            () => provider.GetRequiredService<LagMeter>().Lag,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Fallbacks>()));
        services.AddSingleton<IHealthComponent>(provider => provider.GetRequiredService<LoadGate>());
        services.AddHostedService<HealthKeeping>();
        services.AddHostedService<KeyKeeping>();
        services.TryAddSingleton<GatewayMetrics>();
        services.AddSingleton<IScrapeSource, BudgetMetrics>();
        return services;
    }
}
