using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>Models that are named in the routes of others.</summary>
public static class RouteReference
{
    /// <summary>The model that an item of a route stands for.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="item">The item.</param>
    /// <returns>The model; null where the item is a target of its own, as everything is that begins with a configured upstream.</returns>
    public static ModelOptions? Find(OrleansChatOptions options, RouteItem item)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(item);
        if (UpstreamTarget.TryParse(item.Target, out var target) && IsConfigured(options, target.Upstream))
            return null;

        return options.Models.FirstOrDefault(model => model.Id.Equals(item.Target, StringComparison.Ordinal));
    }

    /// <summary>Whether a route leads to a model, through however many others.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="from">The model whose route it is.</param>
    /// <param name="to">The model that is looked for.</param>
    /// <returns>Whether it does.</returns>
    public static bool Leads(OrleansChatOptions options, ModelOptions from, ModelOptions to) =>
        Leads(options, from, to, new HashSet<ModelOptions>(ReferenceEqualityComparer.Instance));

    private static bool Leads(OrleansChatOptions options, ModelOptions from, ModelOptions to, HashSet<ModelOptions> seen) =>
        ReferenceEquals(from, to)
        || (seen.Add(from) && from.Route.Any(item => Find(options, item) is { } next && Leads(options, next, to, seen)));

    private static bool IsConfigured(OrleansChatOptions options, string upstream) =>
        upstream.Equals(UpstreamOptions.BuiltinId, StringComparison.OrdinalIgnoreCase)
        || options.Upstreams.Any(known => known.Id.Equals(upstream, StringComparison.OrdinalIgnoreCase));
}
