using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Routing;

/// <summary>Registers routing.</summary>
public static class RoutingServices
{
    /// <summary>Adds <see cref="IModelCatalog"/> and <see cref="IRouter"/>. The host supplies the actors and the settings.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddModelRouting(this IServiceCollection services)
    {
        services.AddCircuitBreaking();
        services.TryAddSingleton<ScopeRules>();
        services.TryAddSingleton<IModelCatalog, ModelCatalog>();
        services.TryAddSingleton(static provider => new UpstreamPlaces(
            provider.GetRequiredService<IOptionsMonitor<OrleansChatOptions>>().CurrentValue,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<IMeterFactory>()));
        services.TryAddSingleton<IRouter>(static provider => new Router(
            provider.GetRequiredService<IActorDirectory>(),
            provider.GetRequiredService<BreakerWatch>(),
            provider.GetRequiredService<ScopeRules>(),
            provider.GetRequiredService<TimeProvider>())
        {
            Places = provider.GetRequiredService<UpstreamPlaces>(),
        });
        return services;
    }
}
