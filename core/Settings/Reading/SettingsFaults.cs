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

    /// <summary>Whether a setting is written as a list.</summary>
    public bool IsList(string key) => _known.GetValueOrDefault(key)?.Kind is SettingKind.List;

    /// <summary>Drops what was found after some settings could not be read and may only follow from that: faults of what nobody has written, and of what has a fault already.</summary>
    /// <param name="unread">The faults of the settings that could not be read, which are the first.</param>
    public void DropWhatFollowsFrom(IReadOnlyList<SettingsFault> unread)
    {
        if (unread.Count == 0)
            return;

        var found = _faults.Skip(unread.Count)
            .Where(fault => SourceOf(fault.Key) is not null && !unread.Any(other => IsUnder(fault.Key, other.Key) || IsUnder(other.Key, fault.Key))).ToList();
        _faults.RemoveRange(unread.Count, _faults.Count - unread.Count);
        _faults.AddRange(found);
    }

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
        if (isSecret)
            return Secret.From(value, TimeProvider.System).Source;

        var shown = UserInfo().Replace(value, $"$1{Secret.Mask}@");
        return name.Equals("Webhook", StringComparison.OrdinalIgnoreCase) ? PathOfHook().Replace(shown, $"$1/{Secret.Mask}") : shown;
    }

    private static bool IsUnder(string key, string other) =>
        key.StartsWith(other, StringComparison.OrdinalIgnoreCase) && (key.Length == other.Length || key[other.Length] == ':');

    // A secret that was put where the list of keys, or one of its objects, belongs.
    [GeneratedRegex("(^|:)ApiKeys(:[0-9]+)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KeyItself();

    [GeneratedRegex("(://)[^/@]*@")]
    private static partial Regex UserInfo();

    // Chat services tell their callers apart by the path alone: who knows it can post.
    [GeneratedRegex("^((?:[A-Za-z]+://)?[^/?#]*)[/?#].+$", RegexOptions.Singleline)]
    private static partial Regex PathOfHook();
}
