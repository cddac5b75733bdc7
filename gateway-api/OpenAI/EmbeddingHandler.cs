using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Json;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>Answers <c>POST /v1/embeddings</c>.</summary>
internal sealed class EmbeddingHandler(
    IModelCatalog catalog, Metering metering, CachedAnswers cache, IRouter router, IPassThroughs passThroughs, IUpstreams upstreams, SessionAccess ids)
{
    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context, ApiKey caller)
    {
        using var document = await JsonBody.ReadAsync(context);
        var request = EmbeddingRequest.Read(document.RootElement);
        var model = catalog.FindFor(request.Model, caller);
        await cache.AnswerAsync(context, caller, model, document.RootElement, () => AnswerAsync(context, caller, request, model));
    }

    private async Task AnswerAsync(HttpContext context, ApiKey caller, EmbeddingRequest request, Model model)
    {
        var admission = new AdmissionRequest
        {
            OperationId = ids.NewId(),
            Key = caller,
            Model = model.Id,
            InputTokens = request.InputTokens,
            InputBytes = request.Texts is null ? 0 : request.InputTokens,
            OutputTokens = 0,
        };
        var grant = await metering.AdmitAsync(context, admission);
        await using (metering.Keep(grant))
        {
            RoutedCall<ICompletion> call;
            try
            {
                var route = new RouteRequest(model, admission.OperationId, admission.InputTokens) { Operation = ModelOperation.Embeddings };
                call = await router.OpenAsync(route, (target, cancellationToken) => OpenAsync(target, request, cancellationToken), context.RequestAborted);
            }
            catch
            {
                await metering.ReleaseAsync(grant);
                throw;
            }

            if (await metering.SettleAsync(grant, call.Value.Usage(request.CountInput), call.Target) is { } cost)
                context.Features.Set(new AnswerCost(cost));
            await call.Value.WriteAsync(context);
        }
    }

    private async ValueTask<ICompletion> OpenAsync(UpstreamTarget target, EmbeddingRequest request, CancellationToken cancellationToken)
    {
        if (passThroughs.Find(target.Upstream) is { } path)
        {
            var body = OpenAIRequestBody.ForUpstream(request.Body, target.Model);
            return await PassThroughWhole.OpenAsync(token => path.SendAsync("/embeddings", body, stream: false, token), AnswerForm.Embeddings, cancellationToken);
        }

        var texts = request.RequireTexts();
        var options = new EmbeddingGenerationOptions { Dimensions = request.Dimensions };
        var embeddings = await upstreams.Embeddings(target).GenerateAsync(texts, options, cancellationToken);
        if (request.Dimensions is { } asked && embeddings.Count > 0 && embeddings[0].Vector.Length != asked)
            throw RequestException.Invalid("dimensions", $"'{request.Model}' gives vectors of {embeddings[0].Vector.Length} numbers.", "Leave 'dimensions' out.");
        return new GeneratedEmbeddings(request, embeddings);
    }

    private sealed class GeneratedEmbeddings(EmbeddingRequest request, GeneratedEmbeddings<Embedding<float>> embeddings) : ICompletion
    {
        public async Task WriteAsync(HttpContext context)
        {
            context.Response.ContentType = "application/json";
            await using (var writer = new Utf8JsonWriter(context.Response.BodyWriter, GatewayJson.Writer))
                Write(writer);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }

        public TokenUsage Usage(Func<long> countInput) =>
            new(Math.Max(0, embeddings.Usage?.InputTokenCount ?? countInput()), 0, embeddings.Usage?.InputTokenCount is null);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteString("object", "list");
            writer.WriteStartArray("data");
            foreach (var (i, embedding) in embeddings.Index())
            {
                writer.WriteStartObject();
                writer.WriteString("object", "embedding");
                writer.WriteNumber("index", i);
                WriteVector(writer, embedding.Vector.Span);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("model", request.Model);
            var tokens = Usage(request.CountInput).InputTokens;
            writer.WriteStartObject("usage");
            writer.WriteNumber("prompt_tokens", tokens);
            writer.WriteNumber("total_tokens", tokens);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        private void WriteVector(Utf8JsonWriter writer, ReadOnlySpan<float> vector)
        {
            if (request.IsBase64)
            {
                writer.WriteBase64String("embedding", MemoryMarshal.AsBytes(vector));
                return;
            }

            writer.WriteStartArray("embedding");
            foreach (var number in vector)
                writer.WriteNumberValue(number);
            writer.WriteEndArray();
        }
    }
}
