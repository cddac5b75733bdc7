namespace OrleansChat.Core.Search.Indexing;

/// <summary>Which rankings answer a query.</summary>
public enum SearchMode
{
    /// <summary>Both, fused by reciprocal rank.</summary>
    Hybrid,

    /// <summary>Similarity of embeddings.</summary>
    Dense,

    /// <summary>Words, by BM25.</summary>
    Lexical,
}
