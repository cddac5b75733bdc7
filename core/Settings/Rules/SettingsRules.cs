using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>Rules that attributes cannot say: across fields, about addresses, names and durations.</summary>
internal static class SettingsRules
{
    /// <summary>Checks everything.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        AddressRules.Check(options, faults);
        KeyRules.Check(options, faults);
        UpstreamRules.Check(options, faults);
        ModelRules.Check(options, faults);
        LimitRules.Check(options, faults);
        BudgetRules.Check(options, faults);
        DurationRules.Check(options, faults);
        ClusterRules.Check(options, faults);
        QdrantRules.Check(options.Qdrant, faults);
        FlagRules.Check(options, faults);
        TelemetryRules.Check(options.Telemetry, faults);
        if (string.IsNullOrWhiteSpace(options.DataDirectory))
            faults.Add("DataDirectory", "must not be empty", "Name a folder, such as './data'.", options.DataDirectory);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.Org.TimeZone, out _))
            faults.Add("Org:TimeZone", "is not a time zone that this machine knows", "Use an IANA name such as 'UTC' or 'Europe/Berlin'.", options.Org.TimeZone);
        if (!Enum.TryParse<Microsoft.Extensions.Logging.LogLevel>(options.Logging.Level, ignoreCase: true, out var level) || !Enum.IsDefined(level))
        {
            var levels = string.Join(", ", Enum.GetNames<Microsoft.Extensions.Logging.LogLevel>());
            faults.Add("Logging:Level", "is not a log level", $"Use one of: {levels}.", options.Logging.Level);
        }
    }
}
