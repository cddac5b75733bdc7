using System.Diagnostics.Metrics;

namespace OrleansChat.Core.Search.Embedding;

/// <summary>What the cache of embeddings saves.</summary>
public sealed class EmbeddingMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "OrleansChat.Search";

    private readonly Meter _meter;
    private readonly Counter<long> _texts;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes meters; null for one of its own.</param>
    public EmbeddingMetrics(IMeterFactory? meters = null)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _texts = _meter.CreateCounter<long>(
            "orleanschat.search.embeddings", "{text}", "Texts to embed, by where their vectors came from: memory, shared, joined, or upstream.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Counts texts.</summary>
    internal void Count(string source, int texts)
    {
        if (texts > 0)
            _texts.Add(texts, new KeyValuePair<string, object?>("source", source));
    }
}
