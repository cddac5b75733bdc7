using Microsoft.Extensions.Options;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Keys;

/// <summary>Checks what a key names against what there is.</summary>
internal sealed class KeyBodyReader(IOptionsMonitor<OrleansChatOptions> settings, IModelCatalog catalog, TimeProvider clock)
{
    /// <summary>Checks the names and times of a body.</summary>
    /// <exception cref="RequestException">It names something that is not there.</exception>
    public KeyChanges Check(KeyBody body)
    {
        var (_, values, expiresAt) = body.Changes;
        if (values.Team is { } team)
            CheckNames("team", [team], settings.CurrentValue.Teams.Select(known => known.Id));
        CheckNames("models", values.Models, catalog.Models.Select(model => model.Id));
        CheckNames("upstreams", values.Upstreams, [UpstreamOptions.BuiltinId, .. settings.CurrentValue.Upstreams.Select(upstream => upstream.Id)]);
        string[] metered = [.. catalog.Models.Select(model => model.Id), settings.CurrentValue.Embeddings.Model];
        if (settings.CurrentValue.Search.RerankModel is { } reranker)
            metered = [.. metered, reranker];
        CheckNames("budget.freeTokens", values.Budget?.FreeTokens?.Keys.ToArray(), metered);
        if (expiresAt <= clock.GetUtcNow())
            throw RequestException.Invalid("expiresAt", "The key would have expired already.", "Name a moment to come, or revoke the key with DELETE.");
        return body.Changes;
    }

    /// <summary>Checks that an id is not one of settings, whose keys cannot be changed here.</summary>
    /// <exception cref="RequestException">It is.</exception>
    public void CheckNotConfigured(string id)
    {
        if (id.Equals(ApiKey.LocalId, StringComparison.OrdinalIgnoreCase))
            throw RequestException.Invalid("id", $"'{id}' stands for callers of this machine.", "Choose another id.");
        if (id.Equals(ApiKey.SystemId, StringComparison.OrdinalIgnoreCase))
            throw RequestException.Invalid("id", $"'{id}' stands for the server itself.", "Choose another id.");
        if (settings.CurrentValue.ApiKeys.Any(key => key.Id.Equals(id, StringComparison.OrdinalIgnoreCase)))
            throw RequestException.Invalid("id", $"Key '{id}' comes from the settings, which only their owner changes.", "Change OrleansChat:ApiKeys.");
    }

    private static void CheckNames(string field, IReadOnlyList<string>? names, IEnumerable<string> known)
    {
        if (names?.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            var list = string.Join(", ", known);
            throw RequestException.Invalid(field, $"'{unknown}' is not configured.", list.Length == 0 ? "Add it to the settings." : $"Use one of: {list}.");
        }
    }
}
