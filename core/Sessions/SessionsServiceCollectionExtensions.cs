using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrleansChat.Core.Sessions;

/// <summary>Registers what a host of session actors needs.</summary>
public static class SessionsServiceCollectionExtensions
{
    /// <summary>Adds sessions. Turns and their dependencies are registered apart.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<OpenTurnRecovery>();
        services.TryAddSingleton<SessionSweep>();
        services.TryAddSingleton<SessionCounts>();
        services.TryAddSingleton<RunningTurns>();
        return services;
    }
}
