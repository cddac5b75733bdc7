using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Alerts;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.Providers;

/// <summary>Wiring of the upstream adapters.</summary>
public static class ProvidersServiceCollectionExtensions
{
    /// <summary>
    /// Adds the upstreams of the settings as <see cref="IUpstreams"/> and <see cref="IPassThroughs"/>. Needs
    /// <see cref="IOptions{TOptions}"/> of <see cref="OrleansChatOptions"/>; takes a registered <see cref="TimeProvider"/> and logging.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddOrleansChatProviders(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new UpstreamRegistry(
            provider.GetRequiredService<IOptions<OrleansChatOptions>>().Value.Upstreams,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IBudgetAlertChannel, WebhookChannel>(provider => new WebhookChannel(
            provider.GetRequiredService<IOptions<OrleansChatOptions>>().Value.BudgetAlerts, provider.GetRequiredService<TimeProvider>())));
        services.TryAddSingleton<IUpstreams>(provider => provider.GetRequiredService<UpstreamRegistry>());
        services.TryAddSingleton<IRerankers>(provider => provider.GetRequiredService<UpstreamRegistry>());
        services.TryAddSingleton<IPassThroughs>(provider => provider.GetRequiredService<UpstreamRegistry>());
        return services;
    }
}
