using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Operation;

/// <summary>A scope of limits or money.</summary>
/// <param name="Name">Its name, such as <c>key:team-a</c>.</param>
/// <param name="Limits">Its limits.</param>
/// <param name="Budget">Its budget; null for none.</param>
/// <param name="HasLimits">Whether it has a rate limiter.</param>
/// <param name="HasLedger">Whether it has a cost tracker.</param>
internal sealed record Scope(string Name, RateLimits Limits, Budget? Budget, bool HasLimits, bool HasLedger);

/// <summary>The scopes of the settings. A key sees its own, an admin key all.</summary>
internal sealed class Scopes(OrleansChatOptions options, KeyRing ring, IModelCatalog catalog)
{
    /// <summary>The scopes that a key may see.</summary>
    public IEnumerable<Scope> VisibleTo(ApiKey caller)
    {
        if (!caller.Admin)
            return [OfKey(caller), .. options.Teams.Where(team => team.Id == caller.Team).Select(OfTeam)];

        var keys = ring.IsEmpty ? [caller] : ring.Keys;
        return
        [
            .. keys.Select(OfKey),
            .. options.Teams.Select(OfTeam),
            .. catalog.Models.Select(model => new Scope($"model:{model.Id}", model.Limits, null, HasLimits: true, HasLedger: false)),
            .. options.Upstreams.Select(upstream =>
                new Scope($"upstream:{upstream.Id}", upstream.Limits.ToLimits(), null, HasLimits: true, HasLedger: false)),
            new Scope("org", RateLimits.None, options.Org.Budget?.ToBudget(), HasLimits: false, HasLedger: true),
        ];
    }

    private static Scope OfKey(ApiKey key) => new($"key:{key.Id}", key.Limits, key.Budget, HasLimits: true, HasLedger: true);

    private static Scope OfTeam(TeamOptions team) =>
        new($"team:{team.Id}", team.Limits.ToLimits(), team.Budget?.ToBudget(), HasLimits: true, HasLedger: true);
}
