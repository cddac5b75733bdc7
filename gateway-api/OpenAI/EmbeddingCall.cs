using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.OpenAI;
using OrleansChat.Providers.Upstreams;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>One call for embeddings on its way along a route, and what it has used there.</summary>
internal sealed class EmbeddingCall(EmbeddingRequest request, IPassThroughs passThroughs, IUpstreams upstreams)
{
    private UpstreamTarget _asked;
    private UpstreamTarget _answered;
    private int _answersBefore;

    /// <summary>What was used, of whichever target.</summary>
    public CallUsage Used { get; } = new();

    /// <summary>The target that answered last; null when none did.</summary>
    public UpstreamTarget? Answered => Used.Answers == 0 ? null : Used.Answers > _answersBefore ? _asked : _answered;

    /// <summary>Asks a target.</summary>
    /// <exception cref="OrleansChatException">It failed, or cannot answer this request.</exception>
    public async ValueTask<ICompletion> OpenAsync(RouteAttempt attempt, CancellationToken cancellationToken)
    {
        var target = attempt.Target;
        (_answered, _asked, _answersBefore) = (Answered ?? default, target, Used.Answers);
        try
        {
            return passThroughs.Find(target.Upstream) is { } path
                ? await PassAsync(path, attempt, cancellationToken)
                : await GenerateAsync(attempt, cancellationToken);
        }
        catch (OrleansChatException)
        {
            Used.Failed();
            throw;
        }
    }

    private async ValueTask<ICompletion> PassAsync(IOpenAIPassThrough path, RouteAttempt attempt, CancellationToken cancellationToken)
    {
        var body = OpenAIRequestBody.ForUpstream(request.Body, attempt.Target.Model);
        Used.Sent(request.CountInput, attempt.Prompt);
        var answer = await PassThroughWhole.OpenAsync(token => path.SendAsync("/embeddings", body, stream: false, attempt.Prompt, token), AnswerForm.Embeddings, cancellationToken);
        var usage = answer.Usage(request.CountInput);
        Used.Answered(usage.Estimated ? null : usage.InputTokens);
        return answer;
    }

    private async ValueTask<ICompletion> GenerateAsync(RouteAttempt attempt, CancellationToken cancellationToken)
    {
        var texts = request.RequireTexts();
        var options = new EmbeddingGenerationOptions { Dimensions = request.Dimensions, AdditionalProperties = new() { [CallUsage.Property] = Used } };
        Used.Sent(request.CountInput, attempt.Prompt);
        var embeddings = await upstreams.Embeddings(attempt.Target).GenerateAsync(texts, options, cancellationToken);

        // For those that do not tell by themselves.
        Used.Answered(embeddings.Usage);
        if (request.Dimensions is { } asked && embeddings.Count > 0 && embeddings[0].Vector.Length != asked)
            throw RequestException.Invalid("dimensions", $"'{request.Model}' gives vectors of {embeddings[0].Vector.Length} numbers.", "Leave 'dimensions' out.");
        return new GeneratedEmbeddings(request, embeddings);
    }
}
