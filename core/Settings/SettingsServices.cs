using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace OrleansChat.Core.Settings;

/// <summary>Registers the settings.</summary>
public static class SettingsServices
{
    /// <summary>Gives the checked settings to whoever asks for them, by themselves, as options or as a monitor.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings, checked.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSettings(this IServiceCollection services, OrleansChatOptions options)
    {
        services.TryAddSingleton(options);
        services.TryAddSingleton(Options.Create(options));
        services.TryAddSingleton<IOptionsMonitor<OrleansChatOptions>>(new FixedSettings(options));
        return services;
    }
}
