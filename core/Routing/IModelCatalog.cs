using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>The configured models, as they hold now.</summary>
public interface IModelCatalog
{
    /// <summary>All models, the default first.</summary>
    IReadOnlyList<Model> Models { get; }

    /// <summary>The model of that id; a target written <c>upstream/model</c> of a known upstream is not a model's id.</summary>
    /// <param name="id">The id; null for the default.</param>
    /// <returns>The model.</returns>
    /// <exception cref="Errors.RequestException"><c>not_found</c>, naming the known ones.</exception>
    Model Find(string? id);

    /// <summary>
    /// What a target costs, and which limits it has, where search asks for it by its own name: those of the model of that name, else those that settings
    /// give the embedding or the reranking model, else those of a model whose whole route it is. Without any of them it has no price and no limits.
    /// </summary>
    /// <param name="target">The upstream, in whatever case, and its model.</param>
    /// <returns>A model with the target as its whole route.</returns>
    Model OfTarget(UpstreamTarget target);
}
