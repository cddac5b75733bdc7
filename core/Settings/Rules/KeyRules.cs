using OrleansChat.Core.Keys;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>API keys and teams.</summary>
internal static class KeyRules
{
    /// <summary>Checks keys and teams.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        Names.Check("ApiKeys", [.. options.ApiKeys.Select(key => key.Id)], faults);
        Names.Check("Teams", [.. options.Teams.Select(team => team.Id)], faults);
        var teams = options.Teams.Select(team => team.Id).ToHashSet(StringComparer.Ordinal);
        string[] models = options.Models.Count == 0 ? [ModelOptions.DefaultId] : [.. options.Models.Select(model => model.Id)];
        string[] upstreams = [UpstreamOptions.BuiltinId, .. options.Upstreams.Select(upstream => upstream.Id)];
        var secrets = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < options.ApiKeys.Count; i++)
        {
            var key = options.ApiKeys[i];
            if (key.Id.Equals(ApiKey.SystemId, StringComparison.OrdinalIgnoreCase))
                faults.Add($"ApiKeys:{i}:Id", "stands for the server itself", "Choose another Id.", key.Id);
            if (key.Team is not null && !teams.Contains(key.Team))
                faults.Add($"ApiKeys:{i}:Team", "names a team that is not configured", Remedy(key.Team, teams));
            CheckNames($"ApiKeys:{i}:Models", key.Models, models, "model", faults);
            CheckNames($"ApiKeys:{i}:Upstreams", key.Upstreams, upstreams, "upstream", faults);
            CheckCollections($"ApiKeys:{i}:Collections", key.Collections, faults);
            if (SecretRules.Read($"ApiKeys:{i}:Secret", key.Secret, faults) is { } secret && !secrets.TryAdd(secret, i))
                faults.Add($"ApiKeys:{i}:Secret", $"is the secret of ApiKeys:{secrets[secret]} too", "Give each key its own secret.");
        }
    }

    private static void CheckNames(string key, IReadOnlyList<string> names, string[] known, string kind, SettingsFaults faults)
    {
        foreach (var (i, name) in names.Index())
        {
            if (!known.Contains(name))
            {
                var remedy = NearestName.Find(name, known) is { } nearest ? $"Did you mean '{nearest}'?" : $"Use one of: {string.Join(", ", known)}.";
                faults.Add($"{key}:{i}", $"names a {kind} that is not configured", remedy, name);
            }
        }
    }

    // Collections are made at run time, so that only what can never be one is a fault.
    private static void CheckCollections(string key, IReadOnlyList<string> names, SettingsFaults faults)
    {
        foreach (var (i, name) in names.Index())
        {
            if (!CollectionName.IsValid(name))
                faults.Add($"{key}:{i}", "cannot be a collection's name", $"Use 1 to {CollectionName.MaxLength} letters, digits, '-', '_' or '.', beginning with a letter or digit.", name);
        }
    }

    private static string Remedy(string team, HashSet<string> teams)
    {
        if (NearestName.Find(team, teams) is { } nearest)
            return $"Did you mean '{nearest}'?";
        return teams.Count == 0 ? "Add it to OrleansChat:Teams." : $"Add it to OrleansChat:Teams, or use one of: {string.Join(", ", teams)}.";
    }
}

/// <summary>Secrets that can be read.</summary>
internal static class SecretRules
{
    /// <summary>Reads a secret that must be there.</summary>
    /// <returns>The secret; null after a fault.</returns>
    public static string? Read(string key, string setting, SettingsFaults faults)
    {
        var secret = Secret.From(setting, TimeProvider.System);
        if (secret.Read() is { } value)
            return value;

        var (rule, remedy) = setting.Length == 0
            ? ("is missing", "Set it to env:NAME, file:/path or the secret itself.")
            : ("gives no secret", $"Make sure that {secret.Source} exists, is not empty and can be read by this user.");
        faults.Add(key, rule, remedy);
        return null;
    }
}
