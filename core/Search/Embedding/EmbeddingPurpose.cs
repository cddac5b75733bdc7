namespace OrleansChat.Core.Search.Embedding;

/// <summary>What a text is embedded for. Some models embed questions otherwise than what answers them.</summary>
public enum EmbeddingPurpose
{
    /// <summary>It is to be found.</summary>
    Document,

    /// <summary>It asks.</summary>
    Query,
}

/// <summary>Says of an embedding generator, through its <c>GetService</c>, that it takes <see cref="Property"/> among a call's additional properties.</summary>
public sealed record EmbeddingPurposes
{
    /// <summary>The property's name; its value is <c>document</c> or <c>query</c>.</summary>
    public const string Property = "input_type";

    /// <summary>The only value.</summary>
    public static EmbeddingPurposes Known { get; } = new();
}
