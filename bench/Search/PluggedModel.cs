using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Keys;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Bench.Search;

/// <summary>An embedding model behind an OpenAI-compatible address, asked as the product asks it, but with time for a slow one.</summary>
internal sealed class PluggedModel : IDisposable
{
    /// <summary>The environment variable with the key, where the address wants one.</summary>
    public const string KeyVariable = "EMBEDDINGS_API_KEY";

    private readonly UpstreamConnection _connection;

    public PluggedModel(Uri address, string model)
    {
        var endpoint = new UpstreamEndpoint
        {
            Id = "embeddings",
            BaseUrl = address,
            ApiKey = Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } ? Secret.From($"env:{KeyVariable}", TimeProvider.System) : null,
            Timeouts = new UpstreamTimeouts { Total = TimeSpan.FromMinutes(10), FirstToken = TimeSpan.FromMinutes(10), BetweenTokens = TimeSpan.FromMinutes(10) },
        };
        _connection = new UpstreamConnection(endpoint, TimeProvider.System, NullLogger<UpstreamConnection>.Instance);
        Generator = new OpenAIEmbeddingGenerator(_connection, model, TimeProvider.System, new OpenAIEmbeddingOptions { MaxBatchCount = 64 });
    }

    public IEmbeddingGenerator<string, Embedding<float>> Generator { get; }

    public void Dispose()
    {
        Generator.Dispose();
        _connection.Dispose();
    }
}
