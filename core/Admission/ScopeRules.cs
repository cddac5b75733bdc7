using Microsoft.Extensions.Options;
using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Admission;

/// <summary>The limits and budgets of teams, upstreams and the organisation, read anew when the settings change.</summary>
public sealed class ScopeRules : IDisposable
{
    private readonly IDisposable? _watch;
    private volatile Rules _rules;

    /// <summary>Makes the rules.</summary>
    /// <param name="options">The settings.</param>
    public ScopeRules(IOptionsMonitor<OrleansChatOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _rules = new Rules(options.CurrentValue);
        _watch = options.OnChange(changed => _rules = new Rules(changed));
    }

    /// <summary>Another object after each change of settings.</summary>
    internal object Edition => _rules;

    /// <summary>The budget that all keys share; null for none.</summary>
    public Budget? OrgBudget => _rules.OrgBudget;

    /// <summary>The limits of scope <c>team:{id}</c>.</summary>
    /// <param name="team">The team's id.</param>
    /// <returns>The limits.</returns>
    public RateLimits TeamLimits(string team) => _rules.Teams.TryGetValue(team, out var rule) ? rule.Limits : RateLimits.None;

    /// <summary>The budget of scope <c>team:{id}</c>.</summary>
    /// <param name="team">The team's id.</param>
    /// <returns>The budget; null for none.</returns>
    public Budget? TeamBudget(string team) => _rules.Teams.TryGetValue(team, out var rule) ? rule.Budget : null;

    /// <summary>The limits of scope <c>upstream:{id}</c>.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <returns>The limits.</returns>
    public RateLimits UpstreamLimits(string upstream) => _rules.Upstreams.GetValueOrDefault(upstream, RateLimits.None);

    /// <inheritdoc/>
    public void Dispose() => _watch?.Dispose();

    private sealed class Rules(OrleansChatOptions options)
    {
        public Budget? OrgBudget { get; } = options.Org.Budget?.ToBudget();

        public Dictionary<string, (RateLimits Limits, Budget? Budget)> Teams { get; } = options.Teams.ToDictionary(
            team => team.Id, team => (team.Limits.ToLimits(), team.Budget?.ToBudget()), StringComparer.Ordinal);

        public Dictionary<string, RateLimits> Upstreams { get; } = options.Upstreams.ToDictionary(
            upstream => upstream.Id, upstream => upstream.Limits.ToLimits(), StringComparer.Ordinal);
    }
}
