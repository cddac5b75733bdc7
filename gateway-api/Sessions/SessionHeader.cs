using Microsoft.AspNetCore.Http;

namespace OrleansChat.GatewayApi.Sessions;

/// <summary>
/// The response's header that names the session of a message which named none itself: where the turn fails, the problem has no other place for it, and a caller who
/// repeats the message without it would make one session after the other.
/// </summary>
internal static class SessionHeader
{
    /// <summary>The header's name.</summary>
    public const string Name = "X-Session-Id";

    /// <summary>Names the session. The response must not have begun.</summary>
    public static void Set(HttpContext context, string sessionId) => context.Response.Headers[Name] = sessionId;
}
