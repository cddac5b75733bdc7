using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>Upstreams.</summary>
internal static class UpstreamRules
{
    private const int MaxRetries = 10;
    private const int MaxVersion = 64;

    /// <summary>Checks the upstreams.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        Names.Check("Upstreams", [.. options.Upstreams.Select(upstream => upstream.Id)], faults);
        for (var i = 0; i < options.Upstreams.Count; i++)
            Check(options.Upstreams[i], $"Upstreams:{i}", faults);
    }

    private static void Check(UpstreamOptions upstream, string key, SettingsFaults faults)
    {
        if (upstream.Id.Equals(UpstreamOptions.BuiltinId, StringComparison.OrdinalIgnoreCase))
            faults.Add($"{key}:Id", "is taken by the upstream that is always there", "Choose another Id.");
        if (!SpokenKinds.All.Contains(upstream.Kind))
            faults.Add($"{key}:Kind", "is a protocol that this version does not speak", $"Use one of: {string.Join(", ", SpokenKinds.All)}.", $"{upstream.Kind}");

        if (upstream.Kind is not UpstreamKind.Builtin)
            CheckAddress(upstream.BaseUrl, $"{key}:BaseUrl", faults);
        if (upstream.ApiKey is { Length: > 0 } secret)
            SecretRules.Read($"{key}:ApiKey", secret, faults);
        if (upstream.ApiVersion is { } version && (version.Length is 0 or > MaxVersion || !version.All(IsOfVersion)))
            faults.Add($"{key}:ApiVersion", "is not a version", "Write it as the upstream's documentation does, such as '2024-10-21'.", version);
        DurationRules.Check($"{key}:Timeout", upstream.Timeout, TimeSpan.FromSeconds(1), DurationRules.Hour, faults);
        DurationRules.Check($"{key}:ConnectTimeout", upstream.ConnectTimeout, DurationRules.Shortest, DurationRules.Hour, faults);
        DurationRules.Check($"{key}:FirstTokenTimeout", upstream.FirstTokenTimeout, DurationRules.Shortest, DurationRules.Hour, faults);
        DurationRules.Check($"{key}:TokenTimeout", upstream.TokenTimeout, DurationRules.Shortest, DurationRules.Hour, faults);
        if (upstream.MaxSlowdown is not (0 or >= 1.1 and <= 100))
            faults.Add($"{key}:MaxSlowdown", "must be 0 or from 1.1 to 100", "Write 1.5 for half as long again as alone.", FormattableString.Invariant($"{upstream.MaxSlowdown}"));
        if (upstream.MaxRetries is < 0 or > MaxRetries)
            faults.Add($"{key}:MaxRetries", $"must be from 0 to {MaxRetries}", "Choose a value in that range.");
    }

    private static bool IsOfVersion(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_';

    private static void CheckAddress(string url, string key, SettingsFaults faults)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            faults.Add(key, url.Length == 0 ? "is missing" : "is not an http or https address", "Write it as 'https://api.openai.com/v1'.");
        else if (address.UserInfo.Length > 0)
            faults.Add(key, "holds credentials", "Put the credential into ApiKey.");
        else if (address.Query.Length > 0 || address.Fragment.Length > 0)
            faults.Add(key, "holds a query or fragment", "Give the address up to the version's path, such as '/v1'.");
    }
}
