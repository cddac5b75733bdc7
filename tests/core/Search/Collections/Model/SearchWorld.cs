using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Search;

namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>What outlives the hosts of a collection: its stores, its models and time.</summary>
/// <param name="index">How a host keeps passages in memory.</param>
internal sealed class SearchWorld(PassageIndexOptions index)
{
    /// <summary>The states of actors.</summary>
    public InMemoryStore States { get; } = new();

    /// <summary>Versions and documents.</summary>
    public MemoryPassageLog Log { get; } = new();

    /// <summary>The embedding models.</summary>
    public ScriptedEmbedder Embedder { get; } = new() { OtherModels = new Dictionary<string, int> { ["wide"] = 31, ["narrow"] = 19 } };

    /// <summary>The clock.</summary>
    public FakeClock Clock { get; } = new();

    /// <summary>How a host keeps passages in memory.</summary>
    public PassageIndexOptions Index => index;

    /// <summary>A collection's state as it is stored.</summary>
    public CollectionState StateOf(string collection) => new InMemoryActorState<CollectionState>(States, $"collection/{collection}/main").Value;

    /// <summary>The vector of unit length that a model gives to a passage.</summary>
    public float[] VectorOf(string model, IndexedPassage passage)
    {
        var name = model[(model.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var vector = new float[Embedder.OtherModels.GetValueOrDefault(name, Embedder.Dimension)];
        foreach (var letter in EmbeddedText.Of(passage))
            vector[letter % vector.Length]++;
        var length = MathF.Sqrt(vector.Sum(number => number * number));
        return [.. vector.Select(number => number / length)];
    }
}
