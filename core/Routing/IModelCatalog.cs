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
}
