using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>Models, their routes, and embeddings.</summary>
internal static class ModelRules
{
    /// <summary>Checks the models.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        Names.CheckModels("Models", [.. options.Models.Select(model => model.Id)], faults);
        string[] upstreams = [UpstreamOptions.BuiltinId, .. options.Upstreams.Select(upstream => upstream.Id)];
        for (var i = 0; i < options.Models.Count; i++)
        {
            var model = options.Models[i];
            if (model.Route.Count == 0)
                faults.Add($"Models:{i}:Route", "is empty", "Name at least one target as 'upstream/model'.");
            for (var j = 0; j < model.Route.Count; j++)
                CheckItem($"Models:{i}:Route:{j}", model, model.Route[j], options, upstreams, faults);
            CheckWeights($"Models:{i}:Route", model, faults);
            if (model.HedgeAfter is { } after)
                DurationRules.Check($"Models:{i}:HedgeAfter", after, DurationRules.Shortest, DurationRules.Hour, faults);
            if (model.MaxOutputTokens >= model.ContextTokens)
            {
                faults.Add(
                    $"Models:{i}:MaxOutputTokens", $"leaves no room for a question within ContextTokens ({model.ContextTokens})",
                    "Lower MaxOutputTokens or raise ContextTokens.", $"{model.MaxOutputTokens}");
            }
        }

        CheckTarget("Embeddings:Model", options.Embeddings.Model, upstreams, faults);
        if (options.Search.RerankModel is { } reranker)
            CheckTarget("Search:RerankModel", reranker, upstreams, faults);
    }

    private static void CheckItem(
        string key, ModelOptions model, RouteItem item, OrleansChatOptions options, IReadOnlyList<string> upstreams, SettingsFaults faults)
    {
        if (RouteReference.Find(options, item) is not { } named)
        {
            CheckTarget(key, item.Target, upstreams, faults);
            return;
        }

        if (RouteReference.Leads(options, named, model))
            faults.Add(key, $"leads back to model '{model.Id}'", "Take one of the models out of the circle.", item.Target);
        if (item.Weight is not null)
            faults.Add($"{key}:Weight", $"belongs to model '{named.Id}', whose targets have weights of their own", "Give weights to targets such as 'openai/gpt-4o-mini'.");
    }

    private static void CheckWeights(string key, ModelOptions model, SettingsFaults faults)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, item) in model.Route.Index())
        {
            if (!seen.Add(item.Target) && model.Route.Any(other => other.Target == item.Target && other.Weight is not null))
                faults.Add($"{key}:{i}", "is in the route already, with a weight", "Name it once, with the sum of its weights.", item.Target);
        }
    }

    private static void CheckTarget(string key, string target, IReadOnlyList<string> upstreams, SettingsFaults faults)
    {
        if (!UpstreamTarget.TryParse(target, out var parsed))
        {
            faults.Add(key, "is not written as 'upstream/model'", "Write it as 'openai/gpt-4o-mini'.", target);
        }
        else if (!upstreams.Contains(parsed.Upstream))
        {
            var remedy = NearestName.Find(parsed.Upstream, upstreams) is { } nearest
                ? $"Did you mean '{nearest}/{parsed.Model}'?"
                : $"Add the upstream to OrleansChat:Upstreams, or use one of: {string.Join(", ", upstreams)}.";
            faults.Add(key, $"names the upstream '{parsed.Upstream}', which is not configured", remedy, target);
        }
    }
}
