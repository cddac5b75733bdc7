using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;

namespace OrleansChat.Core.Keys;

/// <summary>The models and upstreams that a key may use.</summary>
public static class ModelAccess
{
    /// <summary>Whether a key may use a model through at least one upstream.</summary>
    /// <param name="key">The key.</param>
    /// <param name="model">The model.</param>
    /// <returns>Whether it may.</returns>
    public static bool MayUse(this ApiKey key, Model model)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(model);
        return (key.Models?.Contains(model.Id) ?? true) && (key.Upstreams is null || model.Route.Any(target => key.Upstreams.Contains(target.Upstream)));
    }

    /// <summary>The model of that id as a key may use it: its route holds only upstreams that may answer the key.</summary>
    /// <param name="catalog">The models.</param>
    /// <param name="id">The id; null for the default.</param>
    /// <param name="key">The key.</param>
    /// <returns>The model.</returns>
    /// <exception cref="RequestException"><c>not_found</c> for the model; <c>forbidden</c>, naming it, where the key may not use it.</exception>
    public static Model FindFor(this IModelCatalog catalog, string? id, ApiKey key)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(key);
        var model = catalog.Find(id);
        if (key.MayUse(model))
            return key.Upstreams is null ? model : model with { Route = [.. model.Route.Where(target => key.Upstreams.Contains(target.Upstream))] };

        var allowed = string.Join(", ", catalog.Models.Where(key.MayUse).Select(known => known.Id));
        throw new RequestException(Problem.Of(
            ProblemCode.Forbidden,
            $"Key '{key.Id}' may not use model '{model.Id}'.",
            allowed.Length == 0 ? "Ask the operator for a model." : $"Use one of: {allowed}.") with
        { Subject = "model" });
    }
}
