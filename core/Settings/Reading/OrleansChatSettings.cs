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

        // Rules across fields say nothing useful about values that could not even be read.
        if (faults.All.Count == 0)
            SettingsRules.Check(options, faults);
        return (options, faults);
    }
}
