using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Tests.Simulation;

/// <summary>
/// The part of Qdrant that the store uses, in this process and by its published description: exact instead of approximate search, one
/// shard, one copy. It records requests and lets a test hold or fail them. What it cannot show is that a real server understands the same;
/// the contract tests with <c>QDRANT_URL</c> do.
/// </summary>
internal sealed class SimulatedQdrant : CallInvoker
{
    private readonly ConcurrentDictionary<string, SimulatedCollection> _collections = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _aliases = new(StringComparer.Ordinal);

    /// <summary>Awaited before a request takes effect; may hold or throw.</summary>
    public Func<IMessage, Task>? Before { get; set; }

    /// <summary>Awaited after a request took effect, before its answer is given; may hold or throw.</summary>
    public Func<IMessage, Task>? After { get; set; }

    /// <summary>All requests in order.</summary>
    public ConcurrentQueue<IMessage> Requests { get; } = new();

    /// <summary>The points of the collection behind an alias.</summary>
    public IReadOnlyList<PointStruct> PointsOf(string name) => Collection(name).Points;

    /// <summary>The names of the collections.</summary>
    public IEnumerable<string> Collections => _collections.Keys;

    /// <summary>The names of the aliases.</summary>
    public IEnumerable<string> Aliases => _aliases.Keys;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        new(AnswerAsync<TResponse>((IMessage)request, options), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException();

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    /// <summary>Answers a request.</summary>
    public async Task<IMessage> AnswerAsync(IMessage request)
    {
        Requests.Enqueue(request);
        if (Before is { } before)
            await before(request);
        var answer = Answer(request);
        if (After is { } after)
            await after(request);
        return answer;
    }

    private async Task<TResponse> AnswerAsync<TResponse>(IMessage request, CallOptions options)
    {
        await Task.Yield();
        if (options.CancellationToken.IsCancellationRequested)
            throw new RpcException(new Status(StatusCode.Cancelled, "Cancelled."));
        return (TResponse)await AnswerAsync(request);
    }

    private IMessage Answer(IMessage request)
    {
        switch (request)
        {
            case HealthCheckRequest:
                return new HealthCheckReply { Title = "simulated" };
            case CreateCollection create:
                if (!_collections.TryAdd(create.CollectionName, new SimulatedCollection(create)))
                    throw new RpcException(new Status(StatusCode.AlreadyExists, "The collection exists."));
                return new CollectionOperationResponse { Result = true };
            case CollectionExistsRequest exists:
                return new CollectionExistsResponse { Result = new CollectionExists { Exists = _collections.ContainsKey(exists.CollectionName) } };
            case DeleteCollection delete:
                foreach (var alias in _aliases.Where(alias => alias.Value == delete.CollectionName))
                    _aliases.TryRemove(alias);
                return new CollectionOperationResponse { Result = _collections.TryRemove(delete.CollectionName, out _) };
            case GetCollectionInfoRequest info:
                return Collection(info.CollectionName).Info();
            case ListAliasesRequest:
                return new ListAliasesResponse { Aliases = { _aliases.Select(alias => new AliasDescription { AliasName = alias.Key, CollectionName = alias.Value }) } };
            case ChangeAliases change:
                foreach (var action in change.Actions)
                    Change(action);
                return new CollectionOperationResponse { Result = true };
            case CreateFieldIndexCollection index:
                Collection(index.CollectionName).Indexes.Add(index.FieldName);
                return new PointsOperationResponse();
            case UpsertPoints upsert:
                Collection(upsert.CollectionName).Upsert(upsert);
                return new PointsOperationResponse();
            case DeletePoints delete:
                Collection(delete.CollectionName).Delete(delete.Points.Filter);
                return new PointsOperationResponse();
            case GetPoints get:
                return Collection(get.CollectionName).Get(get);
            case ScrollPoints scroll:
                return Collection(scroll.CollectionName).Scroll(scroll);
            case CountPoints count:
                return Collection(count.CollectionName).Count(count.Filter);
            case QueryPoints query:
                return new QueryResponse { Result = { Collection(query.CollectionName).Query(query) } };
            case QueryBatchPoints batch:
                return new QueryBatchResponse { Result = { batch.QueryPoints.Select(query => new BatchResult { Result = { Collection(batch.CollectionName).Query(query) } }) } };
            default:
                throw new RpcException(new Status(StatusCode.Unimplemented, request.Descriptor.Name));
        }
    }

    private void Change(AliasOperations action)
    {
        if (action.CreateAlias is { } create)
            _aliases[create.AliasName] = _collections.ContainsKey(create.CollectionName) ? create.CollectionName : throw Unknown(create.CollectionName);
        else if (action.DeleteAlias is { } delete)
            _aliases.TryRemove(delete.AliasName, out _);
    }

    private SimulatedCollection Collection(string name) =>
        _collections.GetValueOrDefault(_aliases.GetValueOrDefault(name, name)) ?? throw Unknown(name);

    private static RpcException Unknown(string name) => new(new Status(StatusCode.NotFound, $"Collection `{name}` doesn't exist!"));
}
