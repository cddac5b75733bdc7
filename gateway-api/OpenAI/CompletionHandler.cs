using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Calls;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.Streams;
using OrleansChat.GatewayApi.Translation;
using OrleansChat.Providers.Http;
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
    TranslatedCalls translated,
    HeartbeatClock heartbeats,
    OrleansChatOptions options,
    SessionAccess ids,
    TimeProvider clock)
{
    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context, ApiKey caller)
    {
        using var document = await JsonBody.ReadAsync(context, options.Gateway.MaxJsonDepth);
        var request = CompletionRequest.Read(document.RootElement);
        var model = catalog.FindFor(request.Model, caller);
        await cache.AnswerAsync(context, caller, model, document.RootElement, () => calls.AnswerAsync(context, caller, CallOf(request, caller, model)));
    }

    private StatelessCall CallOf(CompletionRequest request, ApiKey caller, Model model) => new()
    {
        Model = model,
        MaxInputTokens = CompletionMessages.UpperBound(request, out var bytes),
        InputBytes = bytes,
        MaxOutputTokens = (long)(request.OutputTokens ?? model.MaxOutputTokens) * request.Choices,
        CountInput = () => CompletionMessages.Count(request),
        Open = (attempt, aborted, opening) => OpenAsync(caller, attempt, request, model, aborted, opening),
        WriteError = request.IsStream ? CompletionWriter.WriteError : null,
    };

    private async ValueTask<ICompletion> OpenAsync(
        ApiKey caller, RouteAttempt attempt, CompletionRequest request, Model model, CancellationToken aborted, CancellationToken opening)
    {
        if (passThroughs.Find(attempt.Target.Upstream) is not { } path)
            return await OpenChatAsync(caller, attempt, request, model, aborted, opening);

        var limit = request.OutputTokens is null ? (MaxTokensName(attempt.Target.Upstream), model.MaxOutputTokens) : ((string, int)?)null;
        var body = OpenAIRequestBody.ForUpstream(request.Body, attempt.Target.Model, limit: limit);
        ValueTask<UpstreamStream> Send(CancellationToken cancellationToken) => path.SendAsync("/chat/completions", body, request.IsStream, attempt.Prompt, cancellationToken);
        return request.IsStream
            ? await PassThroughStream.OpenAsync(Send, new UsageScanner(hidesUsageEvent: !request.IncludesUsage), aborted, opening)
            : await PassThroughWhole.OpenAsync(Send, AnswerForm.OpenAI, opening);
    }

    private async ValueTask<ICompletion> OpenChatAsync(
        ApiKey caller, RouteAttempt attempt, CompletionRequest request, Model model, CancellationToken aborted, CancellationToken opening)
    {
        if (request.Choices > 1)
            throw RequestException.Invalid("n", $"'{model.Id}' gives one answer at a time.", "Leave 'n' out.");

        var prompt = TranslatedCalls.IsBuiltin(attempt.Target)
            ? CompletionPrompt.ReadText(request, model.MaxOutputTokens)
            : CompletionPrompt.Read(request, model.MaxOutputTokens);
        var writer = new CompletionWriter($"chatcmpl-{ids.NewId()}", model.Id, clock.GetUtcNow().ToUnixTimeSeconds(), request.IncludesUsage);
        var answer = new TranslationTarget(writer, () => CompletionMessages.Count(request), request.IsStream ? heartbeats : null);
        return await translated.OpenAsync(attempt, prompt with { Payer = ChatPrompt.PayerOf(caller) }, answer, aborted, opening);
    }

    private string MaxTokensName(string upstream)
    {
        var settings = options.Upstreams.First(known => known.Id.Equals(upstream, StringComparison.OrdinalIgnoreCase));
        return MaxTokensFieldName.For(settings.MaxTokensField, new Uri(settings.BaseUrl));
    }
}
