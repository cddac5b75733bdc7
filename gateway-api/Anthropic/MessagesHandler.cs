using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Calls;
using OrleansChat.GatewayApi.OpenAI;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.Streams;
using OrleansChat.GatewayApi.Translation;
using OrleansChat.Providers.Anthropic;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>
/// Answers <c>POST /v1/messages</c>: the bytes of an upstream that speaks Anthropic's protocol as they come, and another's answer in Anthropic's
/// words.
/// </summary>
internal sealed class MessagesHandler(
    IModelCatalog catalog,
    StatelessCalls calls,
    CachedAnswers cache,
    IPassThroughs passThroughs,
    TranslatedCalls translated,
    HeartbeatClock heartbeats,
    OrleansChatOptions options,
    SessionAccess ids)
{
    private const string Path = "/messages";

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context, ApiKey caller)
    {
        using var document = await JsonBody.ReadAsync(context, options.Gateway.MaxJsonDepth);
        var request = MessagesRequest.Read(document.RootElement, countsOnly: false);
        var model = catalog.FindFor(request.Model, caller);
        var call = new StatelessCall
        {
            Model = model,
            MaxInputTokens = MessagesTokens.UpperBound(request, model.ContextTokens, out var bytes),
            InputBytes = bytes,
            MaxOutputTokens = request.OutputTokens,
            CountInput = () => MessagesTokens.Count(request),
            Open = (attempt, aborted, opening) => OpenAsync(context.Request, caller, attempt, request, model, aborted, opening),
            WriteError = request.IsStream ? MessagesWriter.ErrorWriter(context.TraceIdentifier) : null,
        };
        await cache.AnswerAsync(context, caller, model, document.RootElement, () => calls.AnswerAsync(context, caller, call));
    }

    /// <summary>Counts the tokens of one request. It passes the limits as any other, and costs nothing.</summary>
    public async Task CountAsync(HttpContext context, ApiKey caller)
    {
        using var document = await JsonBody.ReadAsync(context, options.Gateway.MaxJsonDepth);
        var request = MessagesRequest.Read(document.RootElement, countsOnly: true);
        await calls.AnswerAsync(context, caller, new StatelessCall
        {
            Model = catalog.FindFor(request.Model, caller),
            MaxInputTokens = 0,
            MaxOutputTokens = 0,
            CountInput = () => 0,
            Open = (attempt, _, opening) => OpenCountAsync(context.Request, attempt, request, opening),
        });
    }

    private async ValueTask<ICompletion> OpenAsync(
        HttpRequest http, ApiKey caller, RouteAttempt attempt, MessagesRequest request, Model model, CancellationToken aborted, CancellationToken opening)
    {
        if (passThroughs.FindAnthropic(attempt.Target.Upstream) is { } path)
        {
            var send = SendTo(path, http, attempt, request, Path);
            return request.IsStream
                ? await PassThroughStream.OpenAsync(send, new AnthropicScanner(), aborted, opening)
                : await PassThroughWhole.OpenAsync(send, AnswerForm.Anthropic, opening);
        }

        var prompt = TranslatedCalls.IsBuiltin(attempt.Target) ? MessagesPrompt.ReadText(request) : MessagesPrompt.Read(request);
        var input = MessagesTokens.Count(request);
        var writer = new MessagesWriter($"msg_{ids.NewId()}", model.Id, request.WantsThinking, input);
        var answer = new TranslationTarget(writer, () => input, request.IsStream ? heartbeats : null);
        return await translated.OpenAsync(attempt, prompt with { Payer = ChatPrompt.PayerOf(caller) }, answer, aborted, opening);
    }

    private async ValueTask<ICompletion> OpenCountAsync(HttpRequest http, RouteAttempt attempt, MessagesRequest request, CancellationToken opening)
    {
        if (passThroughs.FindAnthropic(attempt.Target.Upstream) is { } path)
        {
            try
            {
                return await PassThroughWhole.OpenAsync(SendTo(path, http, attempt, request, $"{Path}/count_tokens"), AnswerForm.Anthropic, opening);
            }
            catch (UpstreamException absent) when (absent.Failure is UpstreamFailure.NotFound)
            {
                // Servers that are only compatible often answer messages and count none.
            }
        }

        return new CountedTokens(MessagesTokens.Count(request));
    }

    private static SendToUpstream SendTo(IAnthropicPassThrough path, HttpRequest http, RouteAttempt attempt, MessagesRequest request, string route)
    {
        var body = AnthropicRequestBody.ForUpstream(request.Body, attempt.Target.Model);
        var headers = AnthropicHeaders.ToPass(http);
        var query = AnthropicHeaders.IsBeta(http) ? "?beta=true" : "";
        return cancellationToken => path.SendAsync(route + query, body, request.IsStream, headers, attempt.Prompt, cancellationToken);
    }
}
