using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.InputRatios;

namespace OrleansChat.Core.Admission;

/// <summary>Registers admission.</summary>
public static class AdmissionServices
{
    /// <summary>Adds <see cref="IAdmission"/>. The host supplies the actors and the settings.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddAdmission(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<CostMetrics>();
        services.TryAddSingleton<InputEstimates>();
        services.TryAddSingleton<ScopeRules>();
        services.TryAddSingleton<IAdmission, ScopedAdmission>();
        return services;
    }
}
