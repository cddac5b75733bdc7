using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Filters;
using OrleansChat.VectorQdrant.Lexical;
using OrleansChat.VectorQdrant.Passages;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Querying;

/// <summary>
/// One search as Qdrant is asked for it. Both rankings and their fusion run on the server, in one request. A fused passage scores the sum
/// of weight / (K + rank), rank from 1, as in memory. Qdrant's own fusion counts ranks from 0, hence K + 1, and is used where the weights
/// are equal. Its weights stretch ranks instead of multiplying, so for unequal ones each ranking is fused alone and a formula adds up the
/// products. K is a whole number here.
/// </summary>
internal sealed class SearchQueries
{
    private readonly string _collection;
    private readonly PassageQuery _query;
    private readonly QdrantOptions _options;
    private readonly Condition? _filter;
    private readonly List<(PrefetchQuery Ranking, double Weight)> _rankings = [];

    /// <summary>A search in a collection.</summary>
    public SearchQueries(string collection, PassageQuery query, QdrantOptions options)
    {
        (_collection, _query, _options) = (collection, query, options);
        _filter = query.Filter is { } filter ? FilterTranslation.Translate(filter) : null;
        if (query.Mode != SearchMode.Dense && SparseTerms.OfQuery(query.Text) is { Indices.Count: > 0 } words)
            _rankings.Add((Ranking(PayloadKeys.Words, new VectorInput { Sparse = words }), query.Fusion.LexicalWeight));
        if (query.Mode != SearchMode.Lexical)
        {
            var vector = new DenseVector { Data = { query.Vector.ToArray() } };
            _rankings.Add((Ranking(PayloadKeys.Dense, new VectorInput { Dense = vector }), query.Fusion.DenseWeight));
        }
    }

    /// <summary>Whether nothing can be found, because the query has no words and nothing but words counts.</summary>
    public bool IsEmpty => _rankings.Count == 0;

    /// <summary>What the scores of <see cref="Find"/> are to be multiplied with.</summary>
    public double Scale => _query.Mode == SearchMode.Hybrid && HasEqualWeights ? _rankings[0].Weight : 1;

    private bool HasEqualWeights => _rankings.All(ranking => ranking.Weight == _rankings[0].Weight);

    private uint RankOffset => (uint)Math.Round(_query.Fusion.K) + 1;

    /// <summary>The request that finds passages.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="unwanted">Points that are known not to be in place.</param>
    public QueryPoints Find(int limit, IReadOnlyCollection<PointId> unwanted)
    {
        var depth = (ulong)(_query.Mode == SearchMode.Hybrid ? Math.Max(limit, _query.Fusion.Candidates) : limit);
        var rankings = _rankings.Select(ranking => Limited(ranking.Ranking, depth, unwanted)).ToArray();
        var request = Request((ulong)limit);
        request.WithPayload = PassagePoint.Parts;
        if (_query.Mode != SearchMode.Hybrid)
        {
            (request.Query, request.Using, request.Params) = (rankings[0].Query, rankings[0].Using, rankings[0].Params);
            if (rankings[0].Filter is { } filter)
                request.Filter = filter;
        }
        else if (HasEqualWeights)
        {
            request.Prefetch.Add(rankings);
            request.Query = new Query { Rrf = new Rrf { K = RankOffset } };
        }
        else
        {
            var rank = new Query { Rrf = new Rrf { K = RankOffset } };
            request.Prefetch.Add(rankings.Select(ranking => new PrefetchQuery { Prefetch = { ranking }, Query = rank, Limit = depth }));
            request.Query = new Query { Formula = WeightedSum() };
        }

        return request;
    }

    /// <summary>
    /// The request for what each ranking says of passages that a fusion found, in order lexical, dense; null where nothing was fused.
    /// </summary>
    public QueryBatchPoints? Explain(IReadOnlyCollection<PointId> found)
    {
        if (_query.Mode != SearchMode.Hybrid || found.Count == 0)
            return null;
        var batch = new QueryBatchPoints { CollectionName = _collection };
        if (Replication.Read(_options) is { } consistency)
            batch.ReadConsistency = consistency;
        foreach (var (ranking, _) in _rankings)
        {
            var request = Request((ulong)found.Count);
            (request.Query, request.Using) = (ranking.Query, ranking.Using);
            request.Params = new SearchParams { Exact = true };
            request.Filter = new Filter { Must = { new Condition { HasId = new HasIdCondition { HasId = { found } } } } };
            request.WithPayload = new WithPayloadSelector { Enable = false };
            batch.QueryPoints.Add(request);
        }

        return batch;
    }

    /// <summary>The scores in the answer to <see cref="Explain"/>, by point.</summary>
    public (Dictionary<PointId, double> Lexical, Dictionary<PointId, double> Dense) Scores(QueryBatchResponse answer)
    {
        var (lexical, dense) = (new Dictionary<PointId, double>(), new Dictionary<PointId, double>());
        for (var i = 0; i < _rankings.Count; i++)
        {
            var scores = _rankings[i].Ranking.Using == PayloadKeys.Words ? lexical : dense;
            foreach (var point in answer.Result[i].Result)
                scores[point.Id] = point.Score;
        }

        return (lexical, dense);
    }

    private QueryPoints Request(ulong limit)
    {
        var request = new QueryPoints { CollectionName = _collection, Limit = limit };
        if (Replication.Read(_options) is { } consistency)
            request.ReadConsistency = consistency;
        return request;
    }

    private PrefetchQuery Ranking(string vector, VectorInput input) => new()
    {
        Query = new Query { Nearest = input },
        Using = vector,
        Params = new SearchParams { HnswEf = (ulong)_options.SearchBreadth },
    };

    private PrefetchQuery Limited(PrefetchQuery ranking, ulong depth, IReadOnlyCollection<PointId> unwanted)
    {
        var limited = ranking.Clone();
        limited.Limit = depth;
        if (_filter is null && unwanted.Count == 0)
            return limited;
        limited.Filter = new Filter();
        if (_filter is not null)
            limited.Filter.Must.Add(_filter);
        if (unwanted.Count > 0)
            limited.Filter.MustNot.Add(new Condition { HasId = new HasIdCondition { HasId = { unwanted } } });
        return limited;
    }

    private Formula WeightedSum()
    {
        var sum = new SumExpression();
        var formula = new Formula { Expression = new Expression { Sum = sum } };
        for (var i = 0; i < _rankings.Count; i++)
        {
            var score = $"$score[{i}]";
            formula.Defaults[score] = 0d;
            Expression[] product = [new() { Constant = (float)_rankings[i].Weight }, new() { Variable = score }];
            sum.Sum.Add(new Expression { Mult = new MultExpression { Mult = { product } } });
        }

        return formula;
    }
}
