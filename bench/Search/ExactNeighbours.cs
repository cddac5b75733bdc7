using System.Numerics.Tensors;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Bench.Search;

/// <summary>The nearest passages of queries by their full vectors, found while the passages go by.</summary>
internal sealed class ExactNeighbours(IReadOnlyList<float[]> queries, int count)
{
    private readonly PriorityQueue<string, float>[] _nearest = [.. queries.Select(_ => new PriorityQueue<string, float>())];

    public void Add(IReadOnlyList<DocumentPassages> documents) => Parallel.For(0, queries.Count, query =>
    {
        var nearest = _nearest[query];
        foreach (var document in documents)
        {
            foreach (var (passage, vector) in document.Passages)
            {
                var similarity = TensorPrimitives.Dot(vector.Span, queries[query]);
                if (nearest.Count < count)
                    nearest.Enqueue(passage.ChunkId, similarity);
                else if (nearest.TryPeek(out _, out var least) && similarity > least)
                    nearest.EnqueueDequeue(passage.ChunkId, similarity);
            }
        }
    });

    /// <summary>A line of passages for each query.</summary>
    public IEnumerable<string> Lines() => _nearest.Select(nearest => string.Join(' ', nearest.UnorderedItems.Select(item => item.Element)));
}
