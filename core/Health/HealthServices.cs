using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.Core.Health.Sla;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Health;

/// <summary>Registers the components that every process has.</summary>
public static class HealthServices
{
    /// <summary>Adds upstreams, embeddings, fallbacks, incidents and the history of health.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddHealth(this IServiceCollection services, OrleansChatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton<SlaRecorder>();
        services.TryAddSingleton<HealthChecks>();
        services.TryAddSingleton<Fallbacks>();
        services.TryAddSingleton<EmbeddingHealth>();
        services.TryAddSingleton<FailureLog>();
        services.TryAddSingleton<IncidentExchange>();
        services.AddSingleton<IHealthComponent>(provider => provider.GetRequiredService<FailureLog>());
        services.AddSingleton<IHealthComponent>(provider => provider.GetRequiredService<Fallbacks>());
        services.AddSingleton<IHealthComponent>(provider => provider.GetRequiredService<EmbeddingHealth>());
        services.AddSingleton<IHealthComponent>(provider => ActivatorUtilities.CreateInstance<SecretFiles>(provider));
        foreach (var upstream in options.Upstreams)
            services.AddSingleton<IHealthComponent>(provider => new UpstreamHealth(upstream.Id, provider.GetRequiredService<BreakerWatch>()));
        return services;
    }
}
