using Microsoft.AspNetCore.Http;

namespace OrleansChat.GatewayApi.Turns;

/// <summary>
/// The response's header that names the turn which is answered. A problem has no other place for it: with the header it is the end of a turn, whose message is kept and can be answered
/// anew; a refusal has none.
/// </summary>
internal static class TurnHeader
{
    /// <summary>The header's name.</summary>
    public const string Name = "X-Turn-Id";

    /// <summary>Names the turn. The response must not have begun.</summary>
    public static void Set(HttpContext context, string turnId) => context.Response.Headers[Name] = turnId;
}
