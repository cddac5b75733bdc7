using Grpc.Core;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Tests.Simulation;

/// <summary>Points by id; each request sees and makes one state.</summary>
internal sealed class SimulatedCollection(CreateCollection made)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PointId, PointStruct> _points = [];

    public HashSet<string> Indexes { get; } = [];

    public IReadOnlyList<PointStruct> Points
    {
        get
        {
            lock (_gate)
                return [.. _points.Values];
        }
    }

    public GetCollectionInfoResponse Info() => new()
    {
        Result = new CollectionInfo { Config = new CollectionConfig { Params = new CollectionParams { VectorsConfig = made.VectorsConfig } } },
    };

    public void Upsert(UpsertPoints upsert)
    {
        lock (_gate)
        {
            foreach (var point in upsert.Points)
            {
                if (point.Vectors is null)
                    throw new RpcException(new Status(StatusCode.InvalidArgument, "Expected some vectors"));
                if (upsert.UpdateFilter is null || !_points.TryGetValue(point.Id, out var existing) || SimulatedFilter.Passes(upsert.UpdateFilter, existing))
                    _points[point.Id] = point.Clone();
            }
        }
    }

    public void Delete(Filter filter)
    {
        lock (_gate)
        {
            foreach (var id in _points.Values.Where(point => SimulatedFilter.Passes(filter, point)).Select(point => point.Id).ToArray())
                _points.Remove(id);
        }
    }

    public GetResponse Get(GetPoints get)
    {
        lock (_gate)
            return new GetResponse { Result = { get.Ids.Where(_points.ContainsKey).Select(id => new RetrievedPoint { Id = id, Payload = { _points[id].Payload } }) } };
    }

    public ScrollResponse Scroll(ScrollPoints scroll)
    {
        var rest = Points.Where(point => SimulatedFilter.Passes(scroll.Filter, point)).OrderBy(point => point.Id.Uuid, StringComparer.Ordinal)
            .SkipWhile(point => scroll.Offset is not null && string.CompareOrdinal(point.Id.Uuid, scroll.Offset.Uuid) < 0).ToList();
        return new ScrollResponse
        {
            Result = { rest.Take((int)scroll.Limit).Select(point => Retrieved(point, scroll.WithVectors)) },
            NextPageOffset = rest.Count > scroll.Limit ? rest[(int)scroll.Limit].Id : null,
        };
    }

    private static RetrievedPoint Retrieved(PointStruct point, WithVectorsSelector? wanted)
    {
        var found = new RetrievedPoint { Id = point.Id, Payload = { point.Payload } };
        if (wanted is null || point.Vectors is null)
            return found;

        found.Vectors = new VectorsOutput { Vectors = new NamedVectorsOutput() };
        foreach (var name in wanted.Include.Names.Where(point.Vectors.Vectors_.Vectors.ContainsKey))
            found.Vectors.Vectors.Vectors[name] = new VectorOutput { Dense = point.Vectors.Vectors_.Vectors[name].Dense };

        return found;
    }

    public CountResponse Count(Filter filter) => new()
    {
        Result = new CountResult { Count = (ulong)Points.Count(point => SimulatedFilter.Passes(filter, point)) },
    };

    public ScoredPoint[] Query(QueryPoints query)
    {
        var points = Points;
        var ranking = new SimulatedRanking(points);
        var scored = ranking.Run([.. query.Prefetch], query.Query, query.Using, query.Filter, query.Limit);
        var byId = points.ToDictionary(point => point.Id);
        return [.. scored.Select(hit => Point(hit.Id, hit.Score))];

        ScoredPoint Point(PointId id, float score)
        {
            var point = new ScoredPoint { Id = id, Score = score };
            if (query.WithPayload is not null)
            {
                foreach (var (key, value) in byId[id].Payload)
                {
                    if (query.WithPayload is { Enable: true } || query.WithPayload?.Include?.Fields.Contains(key) == true)
                        point.Payload[key] = value;
                }
            }

            return point;
        }
    }
}
