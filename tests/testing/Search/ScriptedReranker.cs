using OrleansChat.Core.Upstreams;

namespace OrleansChat.Testing.Search;

/// <summary>A reranking model that scores as it is told.</summary>
public sealed class ScriptedReranker : IRerankers, IReranker
{
    /// <summary>The score of a text; may throw.</summary>
    public Func<string, double> Score { get; set; } = _ => 0;

    /// <summary>The tokens that it reports; null for none.</summary>
    public long? Tokens { get; set; }

    /// <inheritdoc/>
    public IReranker Reranker(UpstreamTarget target) => this;

    /// <inheritdoc/>
    public Task<RerankScores> ScoreAsync(string query, IReadOnlyList<string> texts, CallUsage? used, CancellationToken cancellationToken) =>
        Task.FromResult(new RerankScores([.. texts.Select(Score)], Tokens));
}
