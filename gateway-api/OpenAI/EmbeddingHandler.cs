using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Health;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Caching;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>Answers <c>POST /v1/embeddings</c>.</summary>
internal sealed class EmbeddingHandler(
    IModelCatalog catalog, Metering metering, CachedAnswers cache, IRouter router, IPassThroughs passThroughs, IUpstreams upstreams, OrleansChatOptions options, SessionAccess ids)
{
    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context, ApiKey caller)
    {
        using var document = await JsonBody.ReadAsync(context, options.Gateway.MaxJsonDepth);
        var request = EmbeddingRequest.Read(document.RootElement);
        var model = catalog.FindFor(request.Model, caller);
        await cache.AnswerAsync(context, caller, model, document.RootElement, () => AnswerAsync(context, caller, request, model));
    }

    private async Task AnswerAsync(HttpContext context, ApiKey caller, EmbeddingRequest request, Model model)
    {
        if (router.FindRefusal(model) is { } refusal)
            throw refusal;

        var admission = new AdmissionRequest
        {
            OperationId = ids.NewId(),
            IsNew = true,
            Key = caller,
            Model = model.Id,
            InputTokens = request.InputTokens,
            InputBytes = request.Texts is null ? 0 : request.InputTokens,
            OutputTokens = 0,
            Work = RequestWork.Of(context),
        };
        var grant = await metering.AdmitAsync(context, admission);
        await using (metering.Keep(grant))
        {
            var route = new RouteRequest(model, admission.OperationId, admission.InputTokens) { Operation = ModelOperation.Embeddings, AdmittedBy = grant.Upstream };
            var call = new EmbeddingCall(request, passThroughs, upstreams);
            ICompletion answer;
            var work = RequestWork.Of(context);
            work?.Pause();
            try
            {
                var routed = await router.OpenAsync(route, call.OpenAsync, context.RequestAborted);
                if (routed.IsFallback)
                    FallbackHeader.Add(context, Fallbacks.RouteOf(model.Id));
                answer = routed.Value;
            }
            catch (Exception fault)
            {
                if (fault is OperationCanceledException)
                    call.Used.Left();
                await EndAsync(grant, call);
                throw;
            }
            finally
            {
                work?.Resume();
            }

            if (await EndAsync(grant, call) is { } cost)
                context.Features.Set(new AnswerCost(Task.FromResult<long?>(cost)));
            await answer.WriteAsync(context);
        }
    }

    /// <summary>Books what was answered, whatever became of the rest; takes a call back that had no answer.</summary>
    private async ValueTask<long?> EndAsync(AdmissionGrant grant, EmbeddingCall call)
    {
        if (call.Answered is { } target)
            return await metering.SettleAsync(grant, call.Used.Usage, target);

        await metering.ReleaseAsync(grant);
        return null;
    }
}
