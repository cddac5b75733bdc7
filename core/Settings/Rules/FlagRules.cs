using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>Feature flags.</summary>
internal static class FlagRules
{
    /// <summary>Checks ids; a key that is not configured may be one that was made at run time.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        Names.Check("Flags", [.. options.Flags.Select(flag => flag.Id)], faults);
        for (var i = 0; i < options.Flags.Count; i++)
        {
            foreach (var (j, key) in options.Flags[i].Keys.Index())
                Names.CheckOne($"Flags:{i}:Keys:{j}", key, faults);
        }
    }
}
