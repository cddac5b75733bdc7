using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansChat.GatewayApi.ContentLogging;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Idempotency;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>Anthropic's routes.</summary>
internal static class AnthropicRoutes
{
    /// <summary>Maps the routes.</summary>
    public static void MapAnthropic(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/v1/messages").WithTags("Anthropic");
        messages.MapPost("", AnswerAsync).Accepts<object>("application/json").HoldsContent();
        messages.MapPost("/count_tokens", CountAsync).Accepts<object>("application/json");
    }

    private static Task AnswerAsync(HttpContext context, Caller caller, MessagesHandler messages, IdempotentAnswers idempotent, DrainGate drain)
    {
        drain.Enter();
        return idempotent.AnswerAsync(context, caller.Key, () => messages.AnswerAsync(context, caller.Key));
    }

    private static Task CountAsync(HttpContext context, Caller caller, MessagesHandler messages, IdempotentAnswers idempotent, DrainGate drain)
    {
        drain.Enter();
        return idempotent.AnswerAsync(context, caller.Key, () => messages.CountAsync(context, caller.Key));
    }
}
