using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Tests.Simulation;

/// <summary>
/// Nearest neighbours by cosine and by sparse product with inverse document frequency, fusion of ranks, and sums of weighted scores.
/// </summary>
internal sealed class SimulatedRanking(IReadOnlyList<PointStruct> points)
{
    public (PointId Id, float Score)[] Run(PrefetchQuery[] prefetch, Query query, string vector, Filter? filter, ulong limit)
    {
        var sources = prefetch.Select(source => Run([.. source.Prefetch], source.Query, source.Using, source.Filter, source.Limit)).ToArray();
        var scores = query.VariantCase switch
        {
            Query.VariantOneofCase.Nearest => Nearest(query.Nearest, vector, filter),
            Query.VariantOneofCase.Rrf => Fuse(sources, query.Rrf),
            Query.VariantOneofCase.Formula => Evaluate(sources, query.Formula),
            _ => throw new NotSupportedException($"{query.VariantCase}"),
        };
        return [.. scores.OrderByDescending(hit => hit.Score).Take((int)limit)];
    }

    private IEnumerable<(PointId Id, float Score)> Nearest(VectorInput input, string vector, Filter? filter)
    {
        var candidates = points.Where(point => point.Vectors.Vectors_.Vectors.ContainsKey(vector)).ToArray();
        var passing = candidates.Where(point => filter is null || SimulatedFilter.Passes(filter, point));
        if (input.Dense is { } dense)
            return passing.Select(point => (point.Id, Cosine(dense.Data, point.Vectors.Vectors_.Vectors[vector].Dense.Data)));

        // Frequencies are those of the whole collection, not of what the filter leaves.
        var sparse = candidates.ToDictionary(point => point.Id, point => point.Vectors.Vectors_.Vectors[vector].Sparse);
        var weights = input.Sparse.Indices.Select((index, i) => (index, Weight: input.Sparse.Values[i] * Idf(sparse.Values, index))).ToDictionary();
        return passing.Select(point => (point.Id, Score: Product(sparse[point.Id], weights))).Where(hit => hit.Score > 0);
    }

    private static float Idf(IReadOnlyCollection<SparseVector> vectors, uint index)
    {
        var frequency = vectors.Count(vector => vector.Indices.Contains(index));
        return MathF.Log((vectors.Count - frequency + 0.5f) / (frequency + 0.5f) + 1);
    }

    private static float Product(SparseVector vector, Dictionary<uint, float> weights) =>
        vector.Indices.Select((index, i) => weights.GetValueOrDefault(index) * vector.Values[i]).Sum();

    private static float Cosine(IReadOnlyList<float> a, IReadOnlyList<float> b)
    {
        var norm = MathF.Sqrt(a.Sum(x => x * x)) * MathF.Sqrt(b.Sum(x => x * x));
        return norm == 0 ? 0 : a.Select((x, i) => x * b[i]).Sum() / norm;
    }

    // Ranks from 0: 1 / (rank + k).
    private static IEnumerable<(PointId Id, float Score)> Fuse((PointId Id, float Score)[][] sources, Rrf rrf) =>
        sources.SelectMany(source => source.Select((hit, rank) => (hit.Id, Score: 1f / (rank + rrf.K))))
            .GroupBy(hit => hit.Id)
            .Select(hits => (hits.Key, hits.Sum(hit => hit.Score)));

    private static IEnumerable<(PointId Id, float Score)> Evaluate((PointId Id, float Score)[][] sources, Formula formula)
    {
        var scores = sources.Select(source => source.ToDictionary(hit => hit.Id, hit => hit.Score)).ToArray();
        return scores.SelectMany(source => source.Keys).Distinct().Select(id => (id, Value(formula.Expression, id)));

        float Value(Expression expression, PointId id) => expression.VariantCase switch
        {
            Expression.VariantOneofCase.Constant => expression.Constant,
            Expression.VariantOneofCase.Sum => expression.Sum.Sum.Sum(part => Value(part, id)),
            Expression.VariantOneofCase.Mult => expression.Mult.Mult.Aggregate(1f, (product, part) => product * Value(part, id)),
            Expression.VariantOneofCase.Variable => Variable(expression.Variable, id),
            _ => throw new NotSupportedException($"{expression.VariantCase}"),
        };

        float Variable(string name, PointId id)
        {
            var source = int.Parse(name["$score[".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
            return scores[source].TryGetValue(id, out var score) ? score : (float)formula.Defaults[name].DoubleValue;
        }
    }
}
