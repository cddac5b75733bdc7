using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.ContentLogging;
using OrleansChat.Core.Turns.Commands;
using OrleansChat.Core.Turns.Summaries;

namespace OrleansChat.Core.Turns;

/// <summary>Registers what runs turns.</summary>
public static class TurnsServiceCollectionExtensions
{
    /// <summary>
    /// Adds turns. They need an <see cref="Admission.IAdmission"/>, an <see cref="Routing.IRouter"/>, an <see cref="Routing.IModelCatalog"/>,
    /// an <see cref="Upstreams.IUpstreams"/> and an <see cref="IRetriever"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddTurns(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TurnPlanner>();
        services.TryAddSingleton<TurnAdmission>();
        services.TryAddSingleton<CommandAnswers>();
        services.TryAddSingleton<SecretRedaction>();
        services.TryAddSingleton<ContentLog>();
        services.TryAddSingleton<TurnRunner>();
        services.TryAddSingleton<Summarizer>();
        return services;
    }
}
