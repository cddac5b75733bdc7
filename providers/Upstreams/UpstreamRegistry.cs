using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Anthropic;
using OrleansChat.Providers.Azure;
using OrleansChat.Providers.Builtin;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Resilience;
using OrleansChat.Providers.Voyage;

namespace OrleansChat.Providers.Upstreams;

/// <summary>
/// The configured upstreams, and <c>builtin</c>, which is always there. Owns one connection pool for each upstream; dispose it
/// when no call is running.
/// </summary>
public sealed class UpstreamRegistry : IUpstreams, IRerankers, IPassThroughs, IDisposable
{
    private readonly Dictionary<string, IUpstreamAdapter> _adapters = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Builds the upstreams of the settings. Nothing is called yet.</summary>
    /// <param name="upstreams">The settings, already validated.</param>
    /// <param name="time">The clock of timeouts and waits.</param>
    /// <param name="loggers">Where retries are logged.</param>
    /// <exception cref="NotSupportedException">An upstream is of a kind that this version does not speak.</exception>
    public UpstreamRegistry(IEnumerable<UpstreamOptions> upstreams, TimeProvider time, ILoggerFactory loggers)
    {
        _adapters[BuiltinAdapter.Id] = new BuiltinAdapter(time);
        foreach (var upstream in upstreams)
            _adapters[upstream.Id] = Adapt(upstream, time, loggers);
    }

    /// <inheritdoc/>
    public IChatClient Chat(UpstreamTarget target) => Of(target.Upstream).Chat(target.Model) ?? throw Cannot(target, "chat");

    /// <inheritdoc/>
    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target)
        => Of(target.Upstream).Embeddings(target.Model) ?? throw Cannot(target, "embeddings");

    /// <inheritdoc/>
    public IReranker Reranker(UpstreamTarget target) => Of(target.Upstream).Reranker(target.Model) ?? throw Cannot(target, "reranking");

    /// <inheritdoc/>
    public IOpenAIPassThrough? Find(string upstream) => _adapters.GetValueOrDefault(upstream)?.PassThrough;

    /// <inheritdoc/>
    public IAnthropicPassThrough? FindAnthropic(string upstream) => _adapters.GetValueOrDefault(upstream)?.AnthropicPassThrough;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var adapter in _adapters.Values)
            adapter.Dispose();
    }

    private static IUpstreamAdapter Adapt(UpstreamOptions options, TimeProvider time, ILoggerFactory loggers) => options.Kind switch
    {
        UpstreamKind.OpenAI => new OpenAIAdapter(Connect(Endpoint(options, time), time, loggers), options, time),
        UpstreamKind.AzureOpenAI => new OpenAIAdapter(Connect(AzureAddress.Of(Endpoint(options, time), options), time, loggers), options, time),
        UpstreamKind.Anthropic => new AnthropicAdapter(Connect(AnthropicAddress.Of(Endpoint(options, time), options), time, loggers)),
        UpstreamKind.Voyage => new VoyageAdapter(Connect(Endpoint(options, time), time, loggers), time),
        UpstreamKind.Builtin => new BuiltinAdapter(time),
        _ => throw new NotSupportedException(
            $"Upstream '{options.Id}' has Kind '{options.Kind}', which this version does not speak. Use one of: '{string.Join("', '", SpokenKinds.All)}'."),
    };

    private static UpstreamConnection Connect(UpstreamEndpoint endpoint, TimeProvider time, ILoggerFactory loggers)
        => new(endpoint, time, loggers.CreateLogger<UpstreamConnection>());

    /// <summary>Where an upstream is, and how long it is waited for.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="time">The source of time.</param>
    /// <returns>The endpoint.</returns>
    internal static UpstreamEndpoint Endpoint(UpstreamOptions options, TimeProvider time) => new()
    {
        Id = options.Id,
        BaseUrl = new Uri(options.BaseUrl),
        ApiKey = options.ApiKey is { Length: > 0 } key ? Secret.From(key, time) : null,
        Timeouts = new UpstreamTimeouts
        {
            Connect = options.ConnectTimeout,
            FirstToken = options.FirstTokenTimeout,
            BetweenTokens = options.TokenTimeout,
            Total = options.Timeout,
        },
        Retries = new UpstreamRetryOptions { MaxRetries = options.MaxRetries },
    };

    private static RequestException Cannot(UpstreamTarget target, string what)
        => RequestException.Invalid("model", $"'{target}' has no {what}.", "Choose another model.");

    private IUpstreamAdapter Of(string upstream)
        => _adapters.GetValueOrDefault(upstream) ?? throw RequestException.NotFound("upstream", upstream);
}
