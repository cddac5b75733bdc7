namespace OrleansChat.Providers.OpenAI;

/// <summary>How <see cref="OpenAIEmbeddingGenerator"/> cuts its work into requests.</summary>
public sealed record OpenAIEmbeddingOptions
{
    /// <summary>Default of <see cref="MaxBatchCount"/>.</summary>
    public const int DefaultMaxBatchCount = 256;

    /// <summary>Default of <see cref="MaxBatchTokens"/>; OpenAI refuses requests of more than 300,000 tokens.</summary>
    public const int DefaultMaxBatchTokens = 100_000;

    /// <summary>Texts in one request.</summary>
    /// <value>Default 256; 1 to 2,048, OpenAI's limit.</value>
    public int MaxBatchCount { get; init; } = DefaultMaxBatchCount;

    /// <summary>Estimated tokens in one request; a single longer text goes alone.</summary>
    /// <value>Default 100,000; 1 or more.</value>
    public int MaxBatchTokens { get; init; } = DefaultMaxBatchTokens;

    /// <summary>Whether vectors are asked for as base64, which is a quarter of the bytes. Not every compatible server knows it.</summary>
    /// <value>Default false.</value>
    public bool UsesBase64 { get; init; }

    /// <summary>Whether the server is Voyage's, which embeds questions otherwise than documents and names two fields in its own way.</summary>
    /// <value>Default false.</value>
    public bool IsVoyage { get; init; }
}
