using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrleansChat.Core.CircuitBreaking;

/// <summary>Registers circuit breaking.</summary>
public static class CircuitBreakingServices
{
    /// <summary>Adds this process's view of the breakers. The host supplies the actors.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddCircuitBreaking(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BreakerWatch>();
        return services;
    }
}
