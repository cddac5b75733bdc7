using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>Durations, and what goes with them.</summary>
internal static class DurationRules
{
    /// <summary>The longest that most durations may be.</summary>
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>The shortest that a time limit may be.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Year = TimeSpan.FromDays(366);

    /// <summary>Checks the durations of the gateway, of sessions and of breakers.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        Check("Gateway:HeartbeatInterval", options.Gateway.HeartbeatInterval, Shortest, Hour, faults);
        Check("Gateway:MaxLag", options.Gateway.MaxLag, TimeSpan.Zero, Hour, faults);
        Check("Gateway:Sockets:PingInterval", options.Gateway.Sockets.PingInterval, Shortest, Hour, faults);
        Check("Gateway:Sockets:PongTimeout", options.Gateway.Sockets.PongTimeout, Shortest, Hour, faults);
        Check("Gateway:Sockets:SendTimeout", options.Gateway.Sockets.SendTimeout, Shortest, Hour, faults);
        Check("Gateway:DrainTimeout", options.Gateway.DrainTimeout, TimeSpan.Zero, Hour, faults);
        Check("Sessions:TurnLogRetention", options.Sessions.TurnLogRetention, TimeSpan.Zero, Year, faults);
        Check("Idempotency:Retention", options.Idempotency.Retention, Second, Year, faults);
        Check("Embeddings:CacheTtl", options.Embeddings.CacheTtl, TimeSpan.Zero, Year, faults);
        Check("Cache:Ttl", options.Cache.Ttl, Second, Year, faults);
        Check("Idempotency:Lease", options.Idempotency.Lease, Second, Hour, faults);

        if (options.Gateway.MaxSlowdown is not (0 or >= 1.1 and <= 100))
            faults.Add("Gateway:MaxSlowdown", "must be 0 or from 1.1 to 100", "Write 1.5 for half as long again as alone.", FormattableString.Invariant($"{options.Gateway.MaxSlowdown}"));

        var breakers = options.Breakers;
        Check("Breakers:FailureWindow", breakers.FailureWindow, Second, Hour, faults);
        Check("Breakers:OpenDuration", breakers.OpenDuration, Shortest, Year, faults);
        Check("Breakers:MaxOpenDuration", breakers.MaxOpenDuration, breakers.OpenDuration, Year, faults);
        Check("Breakers:ProbeLease", breakers.ProbeLease, Shortest, Hour, faults);
        Check("Breakers:DefaultCooldown", breakers.DefaultCooldown, TimeSpan.Zero, Hour, faults);
        Check("Breakers:MaxCooldown", breakers.MaxCooldown, TimeSpan.Zero, Year, faults);
        if (breakers.FailureRatio is not null and not (> 0 and <= 1))
            faults.Add("Breakers:FailureRatio", "must be above 0 and at most 1", "Write half of all calls as 0.5.");
    }

    /// <summary>Checks one duration.</summary>
    public static void Check(string key, TimeSpan value, TimeSpan min, TimeSpan max, SettingsFaults faults)
    {
        if (value < min || value > max)
            faults.Add(key, $"must be from {min:c} to {max:c}", "Choose a value in that range.", $"{value:c}");
    }
}
