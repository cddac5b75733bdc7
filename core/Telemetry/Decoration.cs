using Microsoft.Extensions.DependencyInjection;

namespace OrleansChat.Core.Telemetry;

/// <summary>Puts a measuring decorator around a registered service.</summary>
internal static class Decoration
{
    /// <summary>Wraps the last registration of a singleton; without one, nothing changes.</summary>
    public static void Decorate<TService>(this IServiceCollection services, Func<TService, IServiceProvider, TService> wrap)
        where TService : class
    {
        if (services.LastOrDefault(service => service.ServiceType == typeof(TService)) is not { IsKeyedService: false } inner)
            return;

        services.Remove(inner);
        services.AddSingleton(provider => wrap(Make<TService>(inner, provider), provider));
    }

    private static TService Make<TService>(ServiceDescriptor inner, IServiceProvider provider)
        where TService : class => (TService)(inner.ImplementationInstance
            ?? inner.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!));
}
