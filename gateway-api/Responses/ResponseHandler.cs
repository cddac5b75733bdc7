using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Calls;
using OrleansChat.GatewayApi.Streams;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Responses;

/// <summary>
/// Answers <c>POST /v1/responses</c> through any upstream's chat. A response is kept before its end is told, so that a client can follow it at
/// once.
/// </summary>
internal sealed class ResponseHandler(
    IModelCatalog catalog,
    StatelessCalls calls,
    CachedAnswers cache,
    TranslatedCalls translated,
    ResponseStore store,
    HeartbeatClock heartbeats,
    TimeProvider clock)
{
    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context, ApiKey caller)
    {
        using var document = await JsonBody.ReadAsync(context);
        var request = ResponseRequest.Read(document.RootElement);
        var model = catalog.FindFor(request.Model, caller);
        var id = store.NewId(request);
        var history = await store.HistoryAsync(caller, request, context.RequestAborted);

        // Built before anything is admitted: what cannot be said is refused for nothing.
        var prompt = ResponsePrompt.Read(request, history, model.MaxOutputTokens);
        var input = ResponseTokens.Count(request, prompt);
        var json = new ResponseJson(id, request, model.Id, clock.GetUtcNow().ToUnixTimeSeconds());
        var writer = new ResponseWriter(json);
        var target = new TranslationTarget(writer, () => input, request.IsStream ? heartbeats : null)
        {
            Keep = request.IsStored ? (contents, end) => KeepAsync(caller, id, request, json, contents, end) : null,
        };
        var call = new StatelessCall
        {
            Model = model,
            MaxInputTokens = ResponseTokens.UpperBound(request, prompt),
            MaxOutputTokens = request.OutputTokens ?? model.MaxOutputTokens,
            CountInput = () => input,
            Open = (attempt, aborted, opening) =>
                translated.OpenAsync(
                    attempt, ResponsePrompt.Read(request, history, model.MaxOutputTokens) with { Payer = ChatPrompt.PayerOf(caller) }, target, aborted, opening),
            WriteError = request.IsStream ? writer.WriteError : null,
        };

        // What is kept is one response with one id; the same answer again is another response.
        if (request.IsStored || request.PreviousId is not null)
            await calls.AnswerAsync(context, caller, call);
        else
            await cache.AnswerAsync(context, caller, model, document.RootElement, () => calls.AnswerAsync(context, caller, call));
    }

    private async ValueTask KeepAsync(
        ApiKey caller, ResponseId id, ResponseRequest request, ResponseJson json, IReadOnlyList<AIContent> contents, AnswerEnd end)
    {
        var response = new ArrayBufferWriter<byte>();
        new ResponseWriter(json).WriteWhole(response, contents, end);
        var said = string.Join('\n', contents.OfType<TextContent>().Select(text => text.Text));
        await store.KeepAsync(caller, id, request, said, response.WrittenMemory);
    }
}
