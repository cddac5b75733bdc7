using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Calls;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>
/// Answers <c>POST /v1/chat/completions</c>: an OpenAI-compatible upstream's bytes as they come, and another's in OpenAI's words.
/// </summary>
internal sealed class CompletionHandler(
    IModelCatalog catalog,
    StatelessCalls calls,
    CachedAnswers cache,
    IPassThroughs passThroughs,
    IUpstreams upstreams,
    IRetriever retriever,
    OrleansChatOptions options,
    SessionAccess ids,
    TimeProvider clock)
{
    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context, ApiKey caller)
    {
        using var document = await JsonBody.ReadAsync(context);
        var request = CompletionRequest.Read(document.RootElement);
        var model = catalog.FindFor(request.Model, caller);
        await cache.AnswerAsync(context, caller, model, document.RootElement, () => calls.AnswerAsync(context, caller, CallOf(request, model)));
    }

    private static void WriteError(IBufferWriter<byte> output, Problem problem) => CompletionJson.WriteEvent(output, writer =>
    {
        writer.WritePropertyName("error");
        VendorError.WriteOpenAI(writer, problem);
    });

    private StatelessCall CallOf(CompletionRequest request, Model model) => new()
    {
        Model = model,
        MaxInputTokens = CompletionMessages.UpperBound(request),
        MaxOutputTokens = (long)(request.OutputTokens ?? model.MaxOutputTokens) * request.Choices,
        CountInput = () => CompletionMessages.Count(request),
        Open = (target, aborted, opening) => OpenAsync(target, request, model, aborted, opening),
        WriteError = request.IsStream ? WriteError : null,
    };

    private async ValueTask<ICompletion> OpenAsync(
        UpstreamTarget target, CompletionRequest request, Model model, CancellationToken aborted, CancellationToken opening)
    {
        if (passThroughs.Find(target.Upstream) is not { } path)
            return await OpenChatAsync(target, request, model, aborted, opening);

        var limit = request.OutputTokens is null ? (MaxTokensName(target.Upstream), model.MaxOutputTokens) : ((string, int)?)null;
        var body = OpenAIRequestBody.ForUpstream(request.Body, target.Model, limit: limit);
        return request.IsStream
            ? await PassThroughStream.OpenAsync(path, body, hidesUsage: !request.IncludesUsage, aborted, opening)
            : await PassThroughWhole.OpenAsync(path, "/chat/completions", body, opening);
    }

    private async ValueTask<ICompletion> OpenChatAsync(
        UpstreamTarget target, CompletionRequest request, Model model, CancellationToken aborted, CancellationToken opening)
    {
        if (request.Choices > 1)
            throw RequestException.Invalid("n", $"'{model.Id}' gives one answer at a time.", "Leave 'n' out.");

        var isBuiltin = target.Upstream == Core.Settings.UpstreamOptions.BuiltinId;
        if (!isBuiltin)
            TextOnly.Check(request, model.Id);
        var question = CompletionMessages.Question(request);
        var passages = isBuiltin ? await RetrieveAsync(question, opening) : [];
        var chat = new ChatOptions
        {
            MaxOutputTokens = request.OutputTokens ?? model.MaxOutputTokens,
            Temperature = CompletionSampling.Number(request.Body, "temperature"),
            TopP = CompletionSampling.Number(request.Body, "top_p"),
            StopSequences = CompletionSampling.Stops(request.Body),
            AdditionalProperties = new AdditionalPropertiesDictionary { [Passage.PropertyName] = passages },
        };
        var json = new CompletionJson($"chatcmpl-{ids.NewId()}", model.Id, clock.GetUtcNow().ToUnixTimeSeconds());
        return await ChatCompletion.OpenAsync(upstreams.Chat(target), request, chat, json, aborted, opening);
    }

    // What answers in this process answers from documents; another kind of upstream is told what it asks for and no more.
    private async ValueTask<IReadOnlyList<Passage>> RetrieveAsync(string question, CancellationToken cancellationToken)
    {
        if (question.Length == 0 || options.Sessions.Passages == 0)
            return [];
        try
        {
            return await retriever.RetrieveAsync(question, null, options.Sessions.Passages, cancellationToken);
        }
        catch (OrleansChatException)
        {
            return [];
        }
    }

    private string MaxTokensName(string upstream)
    {
        var settings = options.Upstreams.First(known => known.Id.Equals(upstream, StringComparison.OrdinalIgnoreCase));
        return MaxTokensFieldName.For(settings.MaxTokensField, new Uri(settings.BaseUrl));
    }
}
