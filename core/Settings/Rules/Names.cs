using System.Buffers;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>Rules of ids.</summary>
internal static class Names
{
    private const string LettersAndDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private const int MaxPlain = 64;
    private const string PlainRule = "must be 1 to 64 letters, digits, '.', '_' or '-'";

    private static readonly SearchValues<char> Plain = SearchValues.Create(LettersAndDigits + "._-");
    private static readonly SearchValues<char> Model = SearchValues.Create(LettersAndDigits + "._-:/");

    /// <summary>Checks that ids are well-formed and differ.</summary>
    /// <param name="section">The list's key.</param>
    /// <param name="ids">The ids, in order.</param>
    /// <param name="faults">Where faults go.</param>
    public static void Check(string section, IReadOnlyList<string> ids, SettingsFaults faults) =>
        Check(section, ids, faults, Plain, MaxPlain, PlainRule);

    /// <summary>Checks a single name.</summary>
    public static void CheckOne(string key, string name, SettingsFaults faults)
    {
        if (name.Length is 0 or > MaxPlain || name.AsSpan().ContainsAnyExcept(Plain))
            faults.Add(key, PlainRule, "Choose another name.", name);
    }

    /// <summary>Checks that the ids of models are well-formed and differ.</summary>
    public static void CheckModels(string section, IReadOnlyList<string> ids, SettingsFaults faults) =>
        Check(section, ids, faults, Model, 128, "must be 1 to 128 letters, digits, '.', '_', ':', '/' or '-'");

    private static void Check(
        string section, IReadOnlyList<string> ids, SettingsFaults faults, SearchValues<char> allowed, int maxLength, string rule)
    {
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < ids.Count; i++)
        {
            var key = $"{section}:{i}:Id";
            if (ids[i].Length == 0)
                faults.Add(key, "is missing", $"Give every item of {section} an Id.");
            else if (ids[i].Length > maxLength || ids[i].AsSpan().ContainsAnyExcept(allowed))
                faults.Add(key, rule, "Choose another Id.");
            else if (ids[i] is "." or "..")

                // As segments of a path they mean another one (RFC 3986, section 5.2.4), so that no route could name it.
                faults.Add(key, "must have something beside dots", "Choose another Id.", ids[i]);
            else if (!seen.TryAdd(ids[i], i))
                faults.Add(key, $"is the Id of {section}:{seen[ids[i]]} too", "Give each its own Id.");
        }
    }
}
