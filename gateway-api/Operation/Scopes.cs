using Microsoft.Extensions.Options;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Sessions;

namespace OrleansChat.GatewayApi.Operation;

/// <summary>A scope of limits or money.</summary>
/// <param name="Name">Its name, such as <c>key:team-a</c>.</param>
/// <param name="Limits">Its limits.</param>
/// <param name="Budget">Its budget; null for none.</param>
/// <param name="HasLimits">Whether it has a rate limiter.</param>
/// <param name="HasLedger">Whether it has a cost tracker.</param>
internal sealed record Scope(string Name, RateLimits Limits, Budget? Budget, bool HasLimits, bool HasLedger)
{
    /// <summary>Whether what is spent is booked there: a key's always, elsewhere only what a budget counts.</summary>
    public bool IsBooked => HasLedger && (Budget is not null || Name.StartsWith(KeyPrefix, StringComparison.Ordinal));

    /// <summary>What the names of the scopes of keys begin with.</summary>
    public const string KeyPrefix = "key:";
}

/// <summary>The scopes of the settings. A key sees its own, an admin key all.</summary>
internal sealed class Scopes(
    IOptionsMonitor<OrleansChatOptions> settings, KeyRing ring, KeyWatch watch, IModelCatalog catalog, SessionAccess sessions)
{
    private const string SessionPrefix = "session:";

    private OrleansChatOptions Options => settings.CurrentValue;

    /// <summary>
    /// The ledgers of keys that a key may see: an admin key those of all keys that ever took part, revoked ones and those that settings name
    /// no more among them.
    /// </summary>
    public async ValueTask<IEnumerable<string>> LedgersVisibleToAsync(ApiKey caller, CancellationToken cancellationToken)
    {
        if (!caller.Admin)
            return [LedgerOf(caller.Id)];

        var known = (await watch.CurrentAsync(cancellationToken)).List.Ledgers;
        return known.Concat(ring.Configured.Select(key => key.Id)).Append(caller.Id).Distinct(StringComparer.Ordinal).Select(LedgerOf);
    }

    /// <summary>The scopes that a key may see.</summary>
    public async ValueTask<IEnumerable<Scope>> VisibleToAsync(ApiKey caller, CancellationToken cancellationToken)
    {
        if (!caller.Admin)
            return [OfKey(caller), .. Options.Teams.Where(team => team.Id == caller.Team).Select(OfTeam)];

        var keys = await ring.ListAsync(cancellationToken);
        if (ring.IsEmpty)
            keys = [.. keys.Append(caller).DistinctBy(key => key.Id)];

        return
        [
            .. keys.Select(OfKey),
            .. Options.Teams.Select(OfTeam),
            .. catalog.Models.Select(model => new Scope($"model:{model.Id}", model.Limits, null, HasLimits: true, HasLedger: false)),
            .. Options.Upstreams.Select(upstream =>
                new Scope($"upstream:{upstream.Id}", upstream.Limits.ToLimits(), null, HasLimits: true, HasLedger: false)),
            new Scope("org", RateLimits.None, Options.Org.Budget?.ToBudget(), HasLimits: false, HasLedger: true),
        ];
    }

    /// <summary>A scope with a ledger, as an admin key sees it.</summary>
    /// <exception cref="RequestException">There is none of that name.</exception>
    public async ValueTask<Scope> FindAsync(string name, ApiKey caller, CancellationToken cancellationToken)
    {
        if (name.StartsWith(SessionPrefix, StringComparison.Ordinal))
            return await OfSessionAsync(name[SessionPrefix.Length..], caller, cancellationToken);

        var visible = await VisibleToAsync(caller, cancellationToken);
        return visible.FirstOrDefault(scope => scope.Name == name && scope.HasLedger) ?? throw RequestException.NotFound("budget", name);
    }

    /// <summary>The scope of a session that the key may see.</summary>
    /// <exception cref="RequestException">There is none, or it is another's.</exception>
    public async ValueTask<Scope> OfSessionAsync(string id, ApiKey caller, CancellationToken cancellationToken)
    {
        var session = await sessions.Find(id).DescribeAsync(caller, SessionScope.Settings, cancellationToken);
        var budget = session.BudgetUsd is { } usd ? new Budget(NanoUsd.FromUsd(usd), BudgetWindow.Total) : null;

        // A ledger of that name without a budget now is left from a session that had one, and that may have been another key's.
        return new Scope($"{SessionPrefix}{id}", RateLimits.None, budget, HasLimits: false, HasLedger: budget is not null);
    }

    private static string LedgerOf(string keyId) => $"{Scope.KeyPrefix}{keyId}";

    private static Scope OfKey(ApiKey key) => new(LedgerOf(key.Id), key.Limits, key.Budget, HasLimits: true, HasLedger: true);

    private static Scope OfTeam(TeamOptions team) =>
        new($"team:{team.Id}", team.Limits.ToLimits(), team.Budget?.ToBudget(), HasLimits: true, HasLedger: true);
}
