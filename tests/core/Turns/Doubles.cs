using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing.Chat;

namespace OrleansChat.Core.Tests.Turns;

/// <summary>Grants everything until told otherwise, and keeps what was asked.</summary>
internal sealed class RecordingAdmission : IAdmission
{
    private readonly ConcurrentQueue<AdmissionRequest> _asked = new();
    private readonly ConcurrentQueue<(string Operation, TokenUsage Usage, string Upstream)> _settled = new();
    private readonly ConcurrentQueue<string> _released = new();
    private readonly ConcurrentQueue<(string Operation, long NanoUsd)> _lost = new();
    private int _renewed;

    public Func<AdmissionRequest, Problem?> Refuse { get; set; } = static _ => null;

    /// <summary>Awaited before a request is decided.</summary>
    public Func<AdmissionRequest, Task> BeforeAnswer { get; set; } = static _ => Task.CompletedTask;

    public IReadOnlyCollection<AdmissionRequest> Asked => _asked;

    public IReadOnlyCollection<(string Operation, TokenUsage Usage, string Upstream)> Settled => _settled;

    public IReadOnlyCollection<string> Released => _released;

    /// <summary>What was charged at its estimate, in nano-dollars.</summary>
    public IReadOnlyCollection<(string Operation, long NanoUsd)> Lost => _lost;

    public int Renewed => Volatile.Read(ref _renewed);

    /// <summary>What each settlement costs, in nano-dollars.</summary>
    public long Cost { get; set; } = 1_000;

    public async ValueTask<AdmissionDecision> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        _asked.Enqueue(request);
        await BeforeAnswer(request);
        var refusal = Refuse(request);
        return new AdmissionDecision
        {
            Grant = refusal is null ? new AdmissionGrant(request, Cost) : null,
            Refusal = refusal,
            KeyStatus = new RateLimitStatus(),
        };
    }

    public ValueTask<long> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, CancellationToken cancellationToken)
    {
        _settled.Enqueue((grant.Request.OperationId, usage, target.Upstream));
        return ValueTask.FromResult(Cost);
    }

    public ValueTask ChargeLostAsync(AdmissionGrant lost, DateTimeOffset since, CancellationToken cancellationToken)
    {
        _lost.Enqueue((lost.Request.OperationId, lost.ReservedNanoUsd));
        return ValueTask.CompletedTask;
    }

    public ValueTask ReleaseAsync(AdmissionGrant grant, CancellationToken cancellationToken)
    {
        _released.Enqueue(grant.Request.OperationId);
        return ValueTask.CompletedTask;
    }

    public ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _renewed);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Walks a route without breakers.</summary>
internal sealed class RouteWalker : IRouter
{
    private readonly ConcurrentQueue<(string Upstream, UpstreamFailure Failure)> _reported = new();

    public IReadOnlyCollection<(string Upstream, UpstreamFailure Failure)> Reported => _reported;

    /// <summary>What a call is told for which no target has room; null while there is room.</summary>
    public OrleansChatException? Refusal { get; set; }

    public OrleansChatException? FindRefusal(Model model) => Refusal;

    public async ValueTask<RoutedCall<T>> OpenAsync<T>(
        RouteRequest request, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        UpstreamException? last = null;
        foreach (var (i, target) in request.Model.Route.Index())
        {
            try
            {
                return new RoutedCall<T>(target, $"{request.OperationId}/{target}", await open(new RouteAttempt(target, request.OperationId, request.OperationId), cancellationToken))
                {
                    OperationId = request.OperationId,
                    Untried = [.. request.Model.Route.Skip(i + 1)],
                };
            }
            catch (UpstreamException failure) when (failure.MayTryNext)
            {
                last = failure;
            }
        }

        throw last!;
    }

    public ValueTask<RoutedCall<T>> OpenHedgedAsync<T>(
        RouteRequest request, IHedge<T> hedge, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken) =>
        OpenAsync(request, open, cancellationToken);

    public ValueTask ReportFailureAsync(UpstreamTarget target, string attemptId, UpstreamException failure, CancellationToken cancellationToken)
    {
        _reported.Enqueue((target.Upstream, failure.Failure));
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// Three models: <c>default</c> on <c>one/m</c> then <c>two/m</c>, and two with a window of 400 tokens: <c>small</c> on <c>one/s</c> and
/// <c>quoting</c> on <c>builtin/extractive</c>.
/// </summary>
internal sealed class FixedModels : IModelCatalog
{
    public IReadOnlyList<Model> Models { get; } =
    [
        Make("default", 8_000, 1_000, "one/m", "two/m"),
        Make("small", 400, 100, "one/s"),
        Make("quoting", 400, 100, "builtin/extractive"),
    ];

    public Model Find(string? id) => Models.FirstOrDefault(model => model.Id == (id ?? "default")) ?? throw RequestException.NotFound("model", id!);

    public Model OfTarget(UpstreamTarget target) => Make(target.ToString(), 8_000, 1_000, target.ToString());

    public static Model Make(string id, int context, int output, params string[] route) => new()
    {
        Id = id,
        Route = [.. route.Select(text => UpstreamTarget.TryParse(text, out var target) ? target : throw new ArgumentException(text))],
        ContextTokens = context,
        MaxOutputTokens = output,
        Price = Price.Free,
        Limits = RateLimits.None,
    };
}

/// <summary>Finds what a test put there.</summary>
internal sealed class ScriptedRetriever : IRetriever
{
    public IReadOnlyList<Passage> Passages { get; set; } = [];

    public Exception? Fault { get; set; }

    public IReadOnlyList<string>? LastCollections { get; private set; }

    public ValueTask<bool> HasSourcesAsync(IReadOnlyList<string>? collections, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Passages.Count > 0 || Fault is not null);

    public ValueTask<Retrieval> RetrieveAsync(
        string query, IReadOnlyList<string>? collections, int limit, SearchPayer payer, CancellationToken cancellationToken)
    {
        LastCollections = collections;
        return Fault is null ? ValueTask.FromResult(new Retrieval(Passages)) : ValueTask.FromException<Retrieval>(Fault);
    }
}

/// <summary>Upstreams by id, whichever model is asked for.</summary>
internal sealed class ScriptedUpstreams(IReadOnlyDictionary<string, ScriptedChatClient> clients) : IUpstreams
{
    public IChatClient Chat(UpstreamTarget target) => clients[target.Upstream];

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) => throw new NotSupportedException(target.ToString());
}
