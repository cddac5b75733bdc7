using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.SimpleChat;

/// <summary><c>POST /chat</c>: one question, one answer, over the same sessions and turns as everything else, in every version.</summary>
internal static class SimpleChatRoutes
{
    /// <summary>Maps the route.</summary>
    public static void MapSimpleChat(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/chat", AnswerAsync).WithTags("Chat").Produces<SimpleChatAnswerV2>().AddOpenApiOperationTransformer(DescribeFirstVersionAsync);

    /// <summary>Adds the answer of version 1: a route has one type of answer for each status otherwise.</summary>
    private static async Task DescribeFirstVersionAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var answer = operation.Responses!["200"].Content!["application/json"];
        answer.Schema = new OpenApiSchema { AnyOf = [answer.Schema!, await context.GetOrCreateSchemaAsync(typeof(SimpleChatAnswer), null, cancellationToken)] };
    }

    private static async Task<IResult> AnswerAsync(
        Body<SimpleChatBody> body, HttpContext context, Caller caller, SessionAccess sessions, IModelCatalog catalog, TurnReader turns, DrainGate drain)
    {
        drain.Enter();
        var chat = body.Value;
        var model = ModelOf(chat.OptimizationHints, catalog, caller.Key);
        sessions.CheckModel(model, caller.Key);
        var id = chat.SessionId ?? sessions.NewId();
        var session = sessions.Find(id);
        await session.CreateAsync(caller.Key, new SessionSettings(), context.RequestAborted);
        SessionHeader.Set(context, id);
        var turn = await session.StartTurnAsync(caller.Key, new TurnRequest { Message = chat.Message, Model = model }, context.RequestAborted);
        RequestWork.Of(context)?.Leave();
        TurnHeader.Set(context, turn.TurnId);
        var answer = await ReadAsync(session, caller.Key, id, turn.TurnId, turns, context.RequestAborted);
        FallbackHeader.Add(context, answer.End.Fallbacks);
        return TypedResults.Ok(chat.Version.Tell(answer));
    }

    private static string? ModelOf(OptimizationHints? hints, IModelCatalog catalog, ApiKey caller)
    {
        if (hints?.Model is { } model)
            return model;
        return hints?.Prefer == OptimizationHints.Cost
            ? catalog.Models.Where(caller.MayUse).MinBy(candidate => candidate.Price.InputPerMillion + candidate.Price.OutputPerMillion)?.Id
            : null;
    }

    private static async Task<SimpleChatTurn> ReadAsync(
        ISessionActor session, ApiKey caller, string sessionId, string turnId, TurnReader turns, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var mode = "";
        await foreach (var entry in turns.ReadAsync(session, caller, turnId, 0, cancellationToken))
        {
            switch (entry)
            {
                case TurnStarted started:
                    mode = started.Intent;
                    break;
                case TurnDelta delta:
                    text.Append(delta.Text);
                    break;
                case TurnRestarted:
                    text.Clear();
                    break;
                case TurnCompleted completed:
                    return new SimpleChatTurn(sessionId, turnId, text.ToString(), mode, completed);
                case TurnFailed failed:
                    throw new RequestException(failed.Problem);
            }
        }

        throw new RequestException(Problem.Of(ProblemCode.UpstreamUnavailable, "The turn was ended before it was answered.", "Send the message again."));
    }
}
