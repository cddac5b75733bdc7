using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Code.Finding;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Migrations;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Search.Trials;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Search;

/// <summary>Registers search.</summary>
public static class SearchServiceCollectionExtensions
{
    /// <summary>Adds collections, indexing, search and retrieval for turns. The host registers its <see cref="Stores.IVectorStore"/>, admission and routing.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSearch(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Chunkers.Default);
        services.TryAddSingleton(new IngestionOptions());
        services.TryAddSingleton<CollectionCatalog>();
        services.TryAddSingleton<ModelTrials>();
        services.TryAddSingleton<CollectionIndexer>();
        services.TryAddSingleton(provider => new EmbeddingMetrics(provider.GetService<IMeterFactory>()));
        services.TryAddSingleton<SharedEmbeddings>();
        services.TryAddSingleton<SearchCalls>();
        services.TryAddSingleton<SearchEmbeddings>();
        services.TryAddSingleton<HitReranking>();
        services.TryAddSingleton<CollectionMigrations>();
        services.TryAddSingleton<MigrationRunner>();
        services.TryAddSingleton<CollectionSearch>();
        services.TryAddSingleton<CodeSearch>();
        services.TryAddSingleton<IRetriever, CollectionRetriever>();
        return services;
    }
}
