using System.Globalization;

namespace OrleansChat.Core.Settings.Reading;

/// <summary>Reads single values.</summary>
internal static class SettingValue
{
    /// <summary>Reads a value of a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="node">The value as written.</param>
    /// <returns>The value, or null with the shape that it should have.</returns>
    public static (object? Value, string Shape) Parse(Type type, SettingNode node)
    {
        var isText = node.Kind is SettingKind.Text or SettingKind.Untyped;
        var text = isText || node.Kind is SettingKind.Literal ? node.Text! : null;
        if (type == typeof(string))
            return (isText ? text : null, "a text in quotes");
        if (type.IsEnum)
            return (ParseEnum(type, isText ? text : null), $"one of '{string.Join("', '", Enum.GetNames(type))}'");
        if (type == typeof(TimeSpan))
            return (ParseTimeSpan(isText ? text : null), "a duration such as '00:01:30' (hours:minutes:seconds)");
        if (type == typeof(bool))
            return (bool.TryParse(text, out var flag) ? flag : null, "true or false");
        if (type == typeof(int))
            return (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null, "a whole number");
        if (type == typeof(long))
            return (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large) ? large : null, "a whole number");
        if (type == typeof(double))
            return (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? real : null, "a number");
        if (type == typeof(decimal))
            return (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? exact : null, "a number");
        throw new NotSupportedException($"Settings of type {type} are not supported.");
    }

    private static object? ParseEnum(Type type, string? text) =>
        Enum.GetNames(type).FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse(type, name) : null;

    // A bare number would be days; nobody who writes 60 means two months.
    private static TimeSpan? ParseTimeSpan(string? text) =>
        text?.Contains(':', StringComparison.Ordinal) == true && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
}
