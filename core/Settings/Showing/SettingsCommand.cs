using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Showing;

/// <summary><c>config show|validate|precedence|schema</c> of the executables.</summary>
public static class SettingsCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "config";

    private const int Failed = 1;

    /// <summary>What can be asked, with a description of each.</summary>
    public static IReadOnlyDictionary<string, string> Verbs { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["show"] = "Show the settings in force and where each comes from; secrets are masked.",
        ["validate"] = "Check the settings, and name every fault.",
        ["precedence"] = "Show which places were looked at, highest first.",
        ["schema"] = "Write the JSON schema of orleanschat.json.",
    };

    /// <summary>Answers.</summary>
    /// <param name="verb">One of <see cref="Verbs"/>.</param>
    /// <param name="places">Where settings are looked for.</param>
    /// <param name="output">Where the answer goes.</param>
    /// <param name="errors">Where faults go.</param>
    /// <returns>The exit code: 0, or 1 where the settings are at fault or the verb is not known.</returns>
    public static int Run(string? verb, SettingsPlaces places, TextWriter output, TextWriter errors)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(errors);
        switch (verb)
        {
            case "show":
                return Show(places, output, errors);
            case "validate":
                return Validate(places, output, errors);
            case "precedence":
                ShowPlaces(places, output);
                return 0;
            case "schema":
                output.Write(SettingsSchema.Write());
                return 0;
            default:
                errors.WriteLine($"'{verb}' is not known. Use one of: {string.Join(", ", Verbs.Keys)}.");
                return Failed;
        }
    }

    private static int Show(SettingsPlaces places, TextWriter output, TextWriter errors)
    {
        var (options, sources) = OrleansChatSettings.ReadWithSources(places);
        foreach (var line in SettingsListing.Of(options, sources))
            output.WriteLine($"{line.Key} = {line.Value}  ({line.Source})");

        return Tell(sources.All, errors);
    }

    private static int Validate(SettingsPlaces places, TextWriter output, TextWriter errors)
    {
        var (_, faults) = OrleansChatSettings.Read(places);
        if (faults.Count == 0)
            output.WriteLine("The settings are without fault.");
        return Tell(faults, errors);
    }

    private static int Tell(IReadOnlyList<SettingsFault> faults, TextWriter errors)
    {
        foreach (var fault in faults)
            errors.WriteLine(fault);
        return faults.Count == 0 ? 0 : Failed;
    }

    private static void ShowPlaces(SettingsPlaces places, TextWriter output)
    {
        var row = 0;
        Write("the command line", SettingsLayers.ArgumentNames(places));
        Write("the environment", SettingsLayers.VariableNames(places));
        foreach (var file in places.Files)
            output.WriteLine($"{++row}. {file}: {(File.Exists(file) ? "read" : "not there")}");
        output.WriteLine($"{++row}. the defaults");

        void Write(string place, IReadOnlyList<string> names) =>
            output.WriteLine($"{++row}. {place}: {(names.Count == 0 ? "no settings" : string.Join(", ", names))}");
    }
}
