using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Search.Embedding;

/// <summary>The calls to one embedding model for one purpose and payer. The built-in model is computed here: it costs nothing and is not metered.</summary>
internal sealed class EmbeddingCalls
{
    private const string Builtin = "builtin";

    private readonly UpstreamTarget _target;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly EmbeddingPurpose _purpose;
    private readonly SearchPayer _payer;
    private readonly SearchCalls? _calls;

    /// <summary>Calls of a model.</summary>
    /// <exception cref="RequestException">There is no such model.</exception>
    public EmbeddingCalls(IUpstreams upstreams, SearchCalls? calls, UpstreamTarget target, EmbeddingPurpose purpose, SearchPayer payer)
    {
        (_target, _purpose, _payer, _calls) = (target, purpose, payer, target.Upstream == Builtin ? null : calls);
        _generator = upstreams.Embeddings(target);
        IsPurposeful = _generator.GetService<EmbeddingPurposes>() is not null;
    }

    /// <summary>Whether the model embeds questions otherwise than documents.</summary>
    public bool IsPurposeful { get; }

    /// <summary>Whether the vectors are computed in this process.</summary>
    public bool IsBuiltin => _target.Upstream == Builtin;

    /// <summary>The vectors of texts, in order.</summary>
    /// <exception cref="OrleansChatException">The call was refused, or the model failed.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>> GenerateAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        if (_calls is null)
            return await GenerateAsync(texts, new CallUsage(), cancellationToken);
        var call = new SearchCall<IReadOnlyList<ReadOnlyMemory<float>>>(
            _target,
            ModelOperation.Embeddings,
            texts.Sum(TokenEstimate.UpperBound),
            () => texts.Sum(TokenEstimate.Count),
            (used, opening) => GenerateAsync(texts, used, opening));
        try
        {
            return await _calls.AskAsync(_payer, call, cancellationToken);
        }
        catch (RequestException refused) when (texts.Count > 1 && IsTooMuchAtOnce(refused.Problem))
        {
            // More than a limit of tokens ever allows in one request, but perhaps not in two.
            var half = texts.Count / 2;
            var first = await GenerateAsync([.. texts.Take(half)], cancellationToken);
            return [.. first, .. await GenerateAsync([.. texts.Skip(half)], cancellationToken)];
        }
    }

    private static bool IsTooMuchAtOnce(Problem refusal) => refusal.Code == ProblemCode.RateLimited.Name && refusal.RetryAfterSeconds is null;

    private async Task<IReadOnlyList<ReadOnlyMemory<float>>> GenerateAsync(IReadOnlyList<string> texts, CallUsage used, CancellationToken cancellationToken)
    {
        var properties = new AdditionalPropertiesDictionary { [CallUsage.Property] = used };
        if (IsPurposeful)
            properties[EmbeddingPurposes.Property] = _purpose == EmbeddingPurpose.Query ? "query" : "document";
        var embeddings = await _generator.GenerateAsync(texts, new EmbeddingGenerationOptions { AdditionalProperties = properties }, cancellationToken);
        used.Answered(embeddings.Usage);
        return embeddings.Count == texts.Count
            ? [.. embeddings.Select(embedding => embedding.Vector)]
            : throw new UpstreamException(_target.Upstream, UpstreamFailure.Protocol, $"it gave {embeddings.Count} vectors for {texts.Count} texts.");
    }
}
