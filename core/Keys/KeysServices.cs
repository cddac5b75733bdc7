using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrleansChat.Core.Keys;

/// <summary>Registers keys.</summary>
public static class KeysServices
{
    /// <summary>Adds this process's view of the keys, of settings and of run time. The host supplies the actors and the settings.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddKeys(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<KeyWatch>();
        services.TryAddSingleton<KeyRing>();
        return services;
    }
}
