using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.GatewayApi.ContentLogging;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Idempotency;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>OpenAI's routes.</summary>
internal static class OpenAIRoutes
{
    /// <summary>Maps the routes.</summary>
    public static void MapOpenAI(this IEndpointRouteBuilder routes)
    {
        // Looked up once: a request that asks for its services makes a scope for them.
        var idempotent = routes.ServiceProvider.GetRequiredService<IdempotentAnswers>();
        var drain = routes.ServiceProvider.GetRequiredService<DrainGate>();
        var completions = routes.ServiceProvider.GetRequiredService<CompletionHandler>();
        var embeddings = routes.ServiceProvider.GetRequiredService<EmbeddingHandler>();
        var v1 = routes.MapGroup("/v1").WithTags("OpenAI");
        v1.MapPost("/chat/completions", To(completions.AnswerAsync)).Accepts<object>("application/json").HoldsContent();
        v1.MapPost("/embeddings", To(embeddings.AnswerAsync)).Accepts<object>("application/json").HoldsContent(withAnswer: false);
        v1.MapGet("/models", List);
        v1.MapGet("/models/{**id}", Get);

        Delegate To(Func<HttpContext, ApiKey, Task> answer) => (HttpContext context) =>
        {
            drain.Enter();
            return idempotent.AnswerAsync(context, Caller.Of(context), answer);
        };
    }

    private static Ok<ModelList> List(Caller caller, IModelCatalog catalog, StartTime start) =>
        TypedResults.Ok(new ModelList("list", [.. catalog.Models.Where(caller.Key.MayUse).Select(model => ModelEntry.Of(model, start))]));

    private static Ok<ModelEntry> Get(string id, Caller caller, IModelCatalog catalog, StartTime start) =>
        TypedResults.Ok(ModelEntry.Of(catalog.FindFor(id, caller.Key), start));

    /// <summary>When the server started: models of settings have no age of their own.</summary>
    internal sealed class StartTime(TimeProvider clock)
    {
        public long UnixSeconds { get; } = clock.GetUtcNow().ToUnixTimeSeconds();
    }

    internal sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);

    internal sealed record ModelEntry(
        string Id, string Object, long Created, [property: System.Text.Json.Serialization.JsonPropertyName("owned_by")] string OwnedBy)
    {
        public static ModelEntry Of(Model model, StartTime start) => new(model.Id, "model", start.UnixSeconds, model.Route[0].Upstream);
    }
}
