using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Health;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Live;

/// <summary>Registers settings that follow their files.</summary>
public static class LiveSettingsServices
{
    /// <summary>Adds the settings in force and their watch. Call it before <see cref="SettingsServices.AddSettings"/>, and make the <see cref="SettingsWatch"/> at the start.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings of the start, checked.</param>
    /// <param name="places">Where they came from.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddLiveSettings(this IServiceCollection services, OrleansChatOptions options, SettingsPlaces places)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new LiveSettings(options));
        services.TryAddSingleton<IOptionsMonitor<OrleansChatOptions>>(provider => provider.GetRequiredService<LiveSettings>());
        services.TryAddSingleton(places);
        services.TryAddSingleton<SettingsWatch>();
        services.AddSingleton<IHealthComponent>(provider => provider.GetRequiredService<SettingsWatch>());
        return services;
    }
}
