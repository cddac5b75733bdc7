using System.Collections;
using System.Globalization;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Showing;

/// <summary>A setting as it holds, and where it comes from.</summary>
/// <param name="Key">Its key, such as <c>OrleansChat:Models:0:Route:1</c>.</param>
/// <param name="Value">Its value, secrets masked.</param>
/// <param name="Source">A file, a variable, the command line, or the default.</param>
public sealed record SettingLine(string Key, string Value, string Source);

/// <summary>Lists all settings, defaults included.</summary>
internal static class SettingsListing
{
    private const string Default = "the default";

    public static IEnumerable<SettingLine> Of(OrleansChatOptions options, SettingsFaults sources) => List(options, OrleansChatOptions.SectionName, sources);

    private static IEnumerable<SettingLine> List(object? value, string key, SettingsFaults sources) => value switch
    {
        null => [new SettingLine(key, "", sources.SourceOf(key) ?? Default)],
        string or ValueType => [new SettingLine(key, SettingsFaults.MaskIn(key, Text(value)), sources.SourceOf(key) ?? Default)],
        IReadOnlyDictionary<string, long> { Count: 0 } => [new SettingLine(key, "{}", sources.SourceOf(key) ?? Default)],
        IReadOnlyDictionary<string, long> numbers => numbers.SelectMany(pair => List(pair.Value, $"{key}:{pair.Key}", sources)),
        IList { Count: 0 } => [new SettingLine(key, "[]", sources.SourceOf(key) ?? Default)],
        IList list => list.Cast<object>().SelectMany((item, i) => List(item, $"{key}:{i}", sources)),
        _ => value.GetType().GetProperties().Where(property => property.SetMethod is not null)
            .SelectMany(property => List(property.GetValue(value), $"{key}:{property.Name}", sources)),
    };

    private static string Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
