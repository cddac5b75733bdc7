using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings.Reading;

namespace OrleansChat.Core.Settings.Rules;

/// <summary>Limits, wherever they stand.</summary>
internal static class LimitRules
{
    /// <summary>Checks all limits.</summary>
    public static void Check(OrleansChatOptions options, SettingsFaults faults)
    {
        CheckAll("ApiKeys", options.ApiKeys.Select(key => key.Limits), faults);
        CheckAll("Teams", options.Teams.Select(team => team.Limits), faults);
        CheckAll("Models", options.Models.Select(model => model.Limits), faults);
        CheckAll("Upstreams", options.Upstreams.Select(upstream => upstream.Limits), faults);
    }

    private static void CheckAll(string section, IEnumerable<LimitOptions> limits, SettingsFaults faults)
    {
        foreach (var (i, limit) in limits.Index())
        {
            if (limit.Pacing is Pacing.Smooth && limit.RequestsPerMinute is not > 0)
                faults.Add($"{section}:{i}:Limits:Pacing", "spaces requests evenly, but there is no rate", "Set RequestsPerMinute to at least 1.");
            if (limit.Burst is not null && limit.Pacing is not Pacing.Smooth)
                faults.Add($"{section}:{i}:Limits:Burst", "has no effect without smooth pacing", "Set Pacing to 'Smooth', or remove Burst.");
        }
    }
}
