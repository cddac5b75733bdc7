using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Keys;
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
        // Looked up once: a request that asks for its services makes a scope for them.
        var idempotent = routes.ServiceProvider.GetRequiredService<IdempotentAnswers>();
        var drain = routes.ServiceProvider.GetRequiredService<DrainGate>();
        var handler = routes.ServiceProvider.GetRequiredService<MessagesHandler>();
        var messages = routes.MapGroup("/v1/messages").WithTags("Anthropic");
        messages.MapPost("", To(handler.AnswerAsync)).Accepts<object>("application/json").HoldsContent();
        messages.MapPost("/count_tokens", To(handler.CountAsync)).Accepts<object>("application/json");

        Delegate To(Func<HttpContext, ApiKey, Task> answer) => (HttpContext context) =>
        {
            drain.Enter();
            return idempotent.AnswerAsync(context, Caller.Of(context), answer);
        };
    }
}
