using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;

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
        services.TryAddSingleton<IRouter, Router>();
        return services;
    }
}
