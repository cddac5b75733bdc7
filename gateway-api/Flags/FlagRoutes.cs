using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Flags;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Flags;

/// <summary><c>GET /api/flags</c>.</summary>
internal static class FlagRoutes
{
    /// <summary>Maps the route.</summary>
    public static void MapFlags(this IEndpointRouteBuilder routes) => routes.MapGet("/api/flags", Get).WithTags("Operation");

    private static Ok<FlagList> Get(Caller caller, FeatureFlags flags, string? sessionId = null) =>
        TypedResults.Ok(new FlagList([.. flags.Ids.Select(id => new FlagLine(id, flags.IsOn(id, caller.Key.Id, sessionId)))]));

    internal sealed record FlagList(IReadOnlyList<FlagLine> Items);

    internal sealed record FlagLine(string Id, bool On);
}
