using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Telemetry;
using OrleansChat.Providers;
using OrleansChat.VectorQdrant;

namespace OrleansChat.Silo.Hosting;

/// <summary>Registers what the actors of a silo need.</summary>
internal static class SiloDomain
{
    /// <summary>How much longer than the drain a stop may take: the silo still has to leave the cluster.</summary>
    public static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);

    /// <summary>Adds the domain and the providers.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings, checked.</param>
    /// <param name="isLocal">Whether the silo runs alone, without a vector store.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSiloDomain(this IServiceCollection services, OrleansChatOptions options, bool isLocal)
    {
        services.AddSettings(options);
        services.AddOrleansChatProviders();
        services.AddAdmission();
        services.AddModelRouting();
        services.AddTurns();
        services.AddSessions();
        services.AddSearch();
        if (isLocal)
            services.TryAddSingleton<IVectorStore, NoVectorStore>();
        else
            services.AddQdrantVectorStore();
        services.AddTelemetry();
        services.AddOrleansChatOtlp(options, "orleanschat-silo", TraceOrigin.Gateways);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Gateway.DrainTimeout + LeaveTime);
        return services;
    }
}
