using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.Core.Health;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Telemetry.Exposition;
using OrleansChat.Core.Telemetry.GenAi;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry;

/// <summary>Registers telemetry.</summary>
public static class TelemetryServices
{
    /// <summary>
    /// Measures admission, routing and embeddings, which have to be registered before, notes the fallbacks of the first, and collects metrics. The host supplies an
    /// <see cref="IMeterFactory"/>, as every web host does.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EmbeddingHealth>();
        services.TryAddSingleton<Fallbacks>();
        services.TryAddSingleton<FailureLog>();
        services.TryAddSingleton<Providers>();
        services.TryAddSingleton<GenAiMetrics>();
        services.TryAddSingleton<RunningCalls>();
        services.TryAddSingleton<BreakerMetrics>();
        services.TryAddSingleton<MetricCollector>();
        services.Decorate<IRouter>(static (inner, provider) => ActivatorUtilities.CreateInstance<MeasuredRouter>(provider, inner));
        services.Decorate<IAdmission>(static (inner, provider) => ActivatorUtilities.CreateInstance<LenientAdmission>(provider, inner));
        services.Decorate<IAdmission>(static (inner, provider) => ActivatorUtilities.CreateInstance<MeasuredAdmission>(provider, inner));
        services.Decorate<IUpstreams>(static (inner, provider) => ActivatorUtilities.CreateInstance<MeasuredEmbeddings>(provider, inner));
        return services;
    }
}
