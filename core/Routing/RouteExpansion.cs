using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>A model's route with the targets of other models in the place of their names.</summary>
internal sealed class RouteExpansion
{
    private readonly OrleansChatOptions _options;
    private readonly List<UpstreamTarget> _route = [];
    private readonly Dictionary<UpstreamTarget, RouteShare> _shares = [];
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private int _group;

    private RouteExpansion(OrleansChatOptions options) => _options = options;

    /// <summary>Expands a route.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">The settings.</param>
    /// <returns>The targets, and the shares of those that have one.</returns>
    /// <exception cref="FormatException">An item is neither a target nor a model.</exception>
    public static (IReadOnlyList<UpstreamTarget> Route, IReadOnlyDictionary<UpstreamTarget, RouteShare> Shares) Of(
        ModelOptions model, OrleansChatOptions options)
    {
        var expansion = new RouteExpansion(options);
        expansion.Add(model, isOwn: true);
        return (expansion._route, expansion._shares);
    }

    private void Add(ModelOptions model, bool isOwn)
    {
        // The settings' rules refuse cycles; here one must only not run for ever.
        if (!_open.Add(model.Id))
            return;

        _group++;
        foreach (var item in model.Route)
        {
            if (RouteReference.Find(_options, item) is { } named)
            {
                Add(named, isOwn: false);
                _group++;
            }
            else
            {
                Add(item, isOwn);
            }
        }

        _open.Remove(model.Id);
    }

    private void Add(RouteItem item, bool isOwn)
    {
        if (!UpstreamTarget.TryParse(item.Target, out var target))
            throw new FormatException($"Route target '{item.Target}' is not written upstream/model.");

        // What another model adds is asked once, however many ways lead to it, and what has a weight takes part in one draw.
        if (_route.Contains(target) && (!isOwn || item.Weight is not null || _shares.ContainsKey(target)))
            return;

        _route.Add(target);
        if (item.Weight is { } weight)
            _shares.Add(target, new RouteShare(_group, weight));
        else
            _group++;
    }
}
