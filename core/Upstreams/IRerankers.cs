namespace OrleansChat.Core.Upstreams;

/// <summary>The configured upstreams as rerankers: models that read a question and a text together, and say how well the text answers.</summary>
public interface IRerankers
{
    /// <summary>A reranker of an upstream. Shared.</summary>
    /// <param name="target">The upstream and its model.</param>
    /// <returns>The reranker.</returns>
    /// <exception cref="Errors.RequestException">No such upstream, or it has no reranking.</exception>
    IReranker Reranker(UpstreamTarget target);
}

/// <summary>A reranking model.</summary>
public interface IReranker
{
    /// <summary>Scores texts.</summary>
    /// <param name="query">The question.</param>
    /// <param name="texts">The texts, at least one.</param>
    /// <param name="used">Told when the model has answered, even if that is of no use; null where nobody pays.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The scores, and what they cost.</returns>
    /// <exception cref="Errors.UpstreamException">The model failed, or scored other texts than were given.</exception>
    Task<RerankScores> ScoreAsync(string query, IReadOnlyList<string> texts, CallUsage? used, CancellationToken cancellationToken);
}

/// <summary>What a reranking model answered.</summary>
/// <param name="Scores">A score for each text, in their order; higher is better, of any range.</param>
/// <param name="Tokens">The tokens that it read, as it reports them; null where it reports none.</param>
public sealed record RerankScores(IReadOnlyList<double> Scores, long? Tokens);
