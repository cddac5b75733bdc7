using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>
/// Answers <c>POST /v1/chat/completions</c>: admit, route, forward, settle. A client that hangs up is billed for what was produced.
/// </summary>
internal sealed class CompletionHandler(
    IModelCatalog catalog,
    Metering metering,
    CachedAnswers cache,
    IRouter router,
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
        await cache.AnswerAsync(context, caller, model, document.RootElement, () => AnswerAsync(context, caller, request, model));
    }

    private async Task AnswerAsync(HttpContext context, ApiKey caller, CompletionRequest request, Model model)
    {
        var admission = new AdmissionRequest
        {
            OperationId = ids.NewId(),
            Key = caller,
            Model = model.Id,
            InputTokens = CompletionMessages.UpperBound(request),
            OutputTokens = (long)(request.OutputTokens ?? model.MaxOutputTokens) * request.Choices,
        };
        var grant = await metering.AdmitAsync(context, admission);
        await using (metering.Keep(grant))
        {
            var call = await OpenAsync(context, request, model, grant);
            await using (call.Value)
                await ForwardAsync(context, request, call, grant);
        }
    }

    private async ValueTask<RoutedCall<ICompletion>> OpenAsync(HttpContext context, CompletionRequest request, Model model, AdmissionGrant grant)
    {
        UpstreamTarget? asked = null;
        try
        {
            var route = new RouteRequest(model, grant.Request.OperationId, grant.Request.InputTokens + grant.Request.OutputTokens);
            return await router.OpenAsync(
                route,
                (target, opening) =>
                {
                    asked = target;
                    return OpenAsync(target, request, model, context.RequestAborted, opening);
                },
                context.RequestAborted);
        }
        catch (OperationCanceledException) when (asked is { } target && context.RequestAborted.IsCancellationRequested)
        {
            // The prompt was on its way, and upstreams charge for it.
            await metering.SettleAsync(grant, new TokenUsage(CompletionMessages.Count(request), 0, Estimated: true), target);
            throw;
        }
        catch
        {
            await metering.ReleaseAsync(grant);
            throw;
        }
    }

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

    private async Task ForwardAsync(HttpContext context, CompletionRequest request, RoutedCall<ICompletion> call, AdmissionGrant grant)
    {
        try
        {
            await call.Value.WriteAsync(context);
        }
        catch (UpstreamException failure)
        {
            await router.ReportFailureAsync(call.Target, call.AttemptId, failure, CancellationToken.None);
            if (context.Response.HasStarted && request.IsStream)
                await WriteErrorAsync(context, failure);

            // Some clients pass over the error event; the connection that is cut after it is a failure to all.
            throw;
        }
        finally
        {
            if (await metering.SettleAsync(grant, call.Value.Usage(CompletionMessages.Count(request)), call.Target) is { } cost && !call.Value.HasError)
                context.Features.Set(new AnswerCost(cost));
        }
    }

    private static async ValueTask WriteErrorAsync(HttpContext context, UpstreamException failure)
    {
        CompletionJson.WriteEvent(context.Response.BodyWriter, writer =>
        {
            writer.WritePropertyName("error");
            VendorError.WriteOpenAI(writer, failure.Problem);
        });
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private string MaxTokensName(string upstream)
    {
        var settings = options.Upstreams.First(known => known.Id.Equals(upstream, StringComparison.OrdinalIgnoreCase));
        return MaxTokensFieldName.For(settings.MaxTokensField, new Uri(settings.BaseUrl));
    }
}
