using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.GatewayApi.ContentLogging;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Idempotency;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Responses;

/// <summary>The routes of OpenAI's Responses API.</summary>
internal static class ResponseRoutes
{
    /// <summary>Maps the routes.</summary>
    public static void MapResponses(this IEndpointRouteBuilder routes)
    {
        var responses = routes.MapGroup("/v1/responses").WithTags("OpenAI");
        responses.MapPost("", AnswerAsync).Accepts<object>("application/json").HoldsContent();
        responses.MapGet("/{id}", GetAsync);
        responses.MapGet("/{id}/input_items", ListInputAsync);
        responses.MapDelete("/{id}", DeleteAsync);
    }

    private static Task AnswerAsync(HttpContext context, Caller caller, ResponseHandler responses, IdempotentAnswers idempotent, DrainGate drain)
    {
        drain.Enter();
        return idempotent.AnswerAsync(context, caller.Key, responses.AnswerAsync);
    }

    private static async Task<ContentHttpResult> GetAsync(string id, Caller caller, ResponseStore store, CancellationToken cancellationToken)
    {
        var (_, answer) = await store.ReadAsync(caller.Key, id, cancellationToken);
        return TypedResults.Text(answer.Items!, "application/json");
    }

    private static async Task<Ok<ItemList>> ListInputAsync(
        string id, Caller caller, ResponseStore store, CancellationToken cancellationToken, string? order = null)
    {
        var (question, _) = await store.ReadAsync(caller.Key, id, cancellationToken);
        List<JsonElement> items = [.. JsonElement.Parse(question.Items!).EnumerateArray()];
        if (order != "asc")
            items.Reverse();
        return TypedResults.Ok(new ItemList("list", items, IdOf(items[0]), IdOf(items[^1]), false));
    }

    private static async Task<Ok<DeletedResponse>> DeleteAsync(string id, Caller caller, ResponseStore store, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(caller.Key, id, cancellationToken);
        return TypedResults.Ok(new DeletedResponse(id, "response", true));
    }

    private static string? IdOf(JsonElement item) => item.GetProperty("id").GetString();

    /// <summary>What was asked.</summary>
    internal sealed record ItemList(
        string Object,
        IReadOnlyList<JsonElement> Data,
        [property: System.Text.Json.Serialization.JsonPropertyName("first_id")] string? FirstId,
        [property: System.Text.Json.Serialization.JsonPropertyName("last_id")] string? LastId,
        [property: System.Text.Json.Serialization.JsonPropertyName("has_more")] bool HasMore);

    /// <summary>A response that is no more.</summary>
    internal sealed record DeletedResponse(string Id, string Object, bool Deleted);
}
