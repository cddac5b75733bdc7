using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Health;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Health;

namespace OrleansChat.VectorQdrant;

/// <summary>Registers the store in Qdrant.</summary>
public static class QdrantServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IVectorStore"/> over Qdrant and its part of the health report, by the settings in <see
    /// cref="OrleansChatOptions.Qdrant"/>. No connection is made before the first call.
    /// </summary>
    /// <param name="services">The services, with <see cref="IOptions{T}"/> of <see cref="OrleansChatOptions"/> and logging.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddQdrantVectorStore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new QdrantConnection(Settings(provider), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IVectorStore>(provider => new QdrantVectorStore(
            provider.GetRequiredService<QdrantConnection>(),
            Settings(provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<QdrantVectorStore>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHealthComponent, QdrantHealth>());
        return services;
    }

    private static QdrantOptions Settings(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<OrleansChatOptions>>().Value.Qdrant;
}
