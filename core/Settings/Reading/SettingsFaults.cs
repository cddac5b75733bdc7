using System.Text.RegularExpressions;
using OrleansChat.Core.Keys;

namespace OrleansChat.Core.Settings.Reading;

/// <summary>Collects faults, and knows where each setting came from.</summary>
internal sealed partial class SettingsFaults
{
    private readonly Dictionary<string, SettingNode> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<SettingsFault> _faults = [];

    /// <summary>The faults so far.</summary>
    public IReadOnlyList<SettingsFault> All => _faults;

    /// <summary>Remembers where a setting came from.</summary>
    public void Learn(string key, SettingNode node) => _known[key] = node;

    /// <summary>Where a setting came from; null for one that is not set.</summary>
    public string? SourceOf(string key) => _known.GetValueOrDefault(key)?.Source;

    /// <summary>Adds a fault of a setting.</summary>
    /// <param name="key">Its key, with or without the section's name.</param>
    /// <param name="rule">The rule that it breaks.</param>
    /// <param name="remedy">What to do.</param>
    /// <param name="effective">The value in force, where a default is at fault.</param>
    public void Add(string key, string rule, string remedy, string? effective = null)
    {
        var full = key.StartsWith(OrleansChatOptions.SectionName, StringComparison.OrdinalIgnoreCase) ? key : $"{OrleansChatOptions.SectionName}:{key}";
        var node = _known.GetValueOrDefault(full);
        var value = node?.Text is { } text ? MaskIn(full, text) : effective;
        _faults.Add(new SettingsFault(full, value, node?.Source ?? (effective is null ? null : "the default"), rule, remedy));
    }

    /// <summary>Adds a fault that no single setting carries, as of a file.</summary>
    public void Add(SettingsFault fault) => _faults.Add(fault);

    /// <summary>A value fit to be printed.</summary>
    public static string MaskIn(string key, string value)
    {
        var name = key[(key.LastIndexOf(':') + 1)..];
        var isSecret = name.Equals("ApiKey", StringComparison.OrdinalIgnoreCase) || name.EndsWith("Secret", StringComparison.OrdinalIgnoreCase)
            || (name.Equals("Redis", StringComparison.OrdinalIgnoreCase) && value.Contains("password", StringComparison.OrdinalIgnoreCase))
            || KeyItself().IsMatch(key);
        return isSecret ? Secret.From(value, TimeProvider.System).Source : UserInfo().Replace(value, $"$1{Secret.Mask}@");
    }

    // A secret that was put where the list of keys, or one of its objects, belongs.
    [GeneratedRegex("(^|:)ApiKeys(:[0-9]+)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KeyItself();

    [GeneratedRegex("(://)[^/@]*@")]
    private static partial Regex UserInfo();
}
