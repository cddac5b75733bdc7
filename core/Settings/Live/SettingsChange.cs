using System.Text.Json;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.Core.Settings.Rules;

namespace OrleansChat.Core.Settings.Live;

/// <summary>What a reload makes of settings that were read anew.</summary>
/// <param name="Settings">The settings to put in force: new where a running process can follow, as they were elsewhere.</param>
/// <param name="NeedRestart">The sections whose change waits for a restart.</param>
/// <param name="Faults">Why they cannot be put in force; empty where they can.</param>
internal sealed record SettingsChange(OrleansChatOptions Settings, IReadOnlyList<string> NeedRestart, IReadOnlyList<SettingsFault> Faults)
{
    /// <summary>Compares the settings in force with those of the files.</summary>
    public static SettingsChange Between(OrleansChatOptions current, OrleansChatOptions read)
    {
        var merged = current with
        {
            ApiKeys = read.ApiKeys,
            Teams = read.Teams,
            Org = read.Org,
            Ledger = read.Ledger,
            Models = read.Models,
            Upstreams = [.. current.Upstreams.Select(upstream => WithLimits(upstream, read.Upstreams))],
            Breakers = read.Breakers,
            Cache = read.Cache,
            Idempotency = read.Idempotency,
            Flags = read.Flags,
            Logging = current.Logging with { Level = read.Logging.Level },
        };

        // A route to an upstream that only a restart would bring leads nowhere, so the whole is checked as it would be in force.
        var faults = new SettingsFaults();
        SettingsRules.Check(merged, faults);
        return new SettingsChange(merged, [.. Differences(merged, read)], faults.All);
    }

    /// <summary>Whether two settings say the same.</summary>
    public static bool AreEqual<T>(T left, T right) => JsonSerializer.Serialize(left) == JsonSerializer.Serialize(right);

    private static UpstreamOptions WithLimits(UpstreamOptions upstream, IReadOnlyList<UpstreamOptions> read) =>
        read.FirstOrDefault(one => one.Id == upstream.Id) is { } found ? upstream with { Limits = found.Limits } : upstream;

    private static IEnumerable<string> Differences(OrleansChatOptions merged, OrleansChatOptions read) =>
        typeof(OrleansChatOptions).GetProperties()
            .Where(property => property.SetMethod is not null && !AreEqual(property.GetValue(merged), property.GetValue(read)))
            .Select(property => property.Name);
}
