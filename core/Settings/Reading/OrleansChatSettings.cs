using OrleansChat.Core.Settings.Rules;

namespace OrleansChat.Core.Settings.Reading;

/// <summary>Reads the settings of an executable.</summary>
public static class OrleansChatSettings
{
    /// <summary>
    /// Reads command line, environment and files, highest first, and checks them. A list in a higher file replaces the lower one as a whole;
    /// variables and arguments may set single items by their place.
    /// </summary>
    /// <param name="places">Where to look.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="SettingsFaultsException">Something is wrong, with all faults.</exception>
    public static OrleansChatOptions Load(SettingsPlaces places)
    {
        var (options, faults) = Read(places);
        return faults.Count == 0 ? options : throw new SettingsFaultsException(faults);
    }

    /// <summary>Reads and checks the settings without insisting on them.</summary>
    /// <param name="places">Where to look.</param>
    /// <returns>The settings, with defaults where a value is at fault, and all faults.</returns>
    public static (OrleansChatOptions Options, IReadOnlyList<SettingsFault> Faults) Read(SettingsPlaces places)
    {
        var (options, faults) = ReadWithSources(places);
        return (options, faults.All);
    }

    /// <summary>Reads and checks the settings; the faults know where each setting came from.</summary>
    internal static (OrleansChatOptions Options, SettingsFaults Faults) ReadWithSources(SettingsPlaces places)
    {
        var faults = new SettingsFaults();
        var node = new SettingsLayers(places, faults).Read();
        var options = (OrleansChatOptions)new SettingsBinder(faults).Bind(typeof(OrleansChatOptions), node, OrleansChatOptions.SectionName);

        var unread = faults.All.ToList();

        // What is missing because it could not be read would be told of as missing wherever it is named.
        if (unread.Count == 0 || AreNamesRead(options, unread, faults))
            SettingsRules.Check(options, faults);
        faults.DropWhatFollowsFrom(unread);
        return (options, faults);
    }

    private static bool AreNamesRead(OrleansChatOptions options, List<SettingsFault> unread, SettingsFaults faults)
    {
        string[] lists = [nameof(options.ApiKeys), nameof(options.Teams), nameof(options.Upstreams), nameof(options.Models), nameof(options.Flags)];
        IEnumerable<string> ids =
        [
            .. options.ApiKeys.Select(static key => key.Id), .. options.Teams.Select(static team => team.Id), .. options.Upstreams.Select(static upstream => upstream.Id),
            .. options.Models.Select(static model => model.Id), .. options.Flags.Select(static flag => flag.Id),
        ];
        return ids.All(static id => id.Length > 0)
            && unread.TrueForAll(fault => fault.Key.StartsWith($"{OrleansChatOptions.SectionName}:", StringComparison.OrdinalIgnoreCase)
                && !faults.IsList(fault.Key)
                && !lists.Any(list => fault.Key.Equals($"{OrleansChatOptions.SectionName}:{list}", StringComparison.OrdinalIgnoreCase)));
    }
}
