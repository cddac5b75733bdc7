namespace OrleansChat.Core.Search.Dense;

/// <summary>The vectors of an index by slot, of unit length. One writer; readers use what <see cref="Pages"/> gave them.</summary>
internal interface IVectorColumn
{
    /// <summary>Writes a vector without giving it a slot yet, so that a failure changes nothing.</summary>
    /// <param name="vector">Any magnitude; zeros stay zeros.</param>
    /// <returns>The place to be handed to <see cref="Append"/>.</returns>
    /// <exception cref="Errors.StorageException">There is no room.</exception>
    long Write(ReadOnlySpan<float> vector);

    /// <summary>Gives a vector, written at a place, the next slot.</summary>
    void Append(ReadOnlySpan<float> vector, long place);

    /// <summary>Copies the vector of a slot, at unit length.</summary>
    void Read(int slot, Span<float> target);

    /// <summary>The vectors so far.</summary>
    IVectorPages Pages();
}

/// <summary>The vectors of a moment, in pages of equally many slots, so that several threads share the work.</summary>
internal interface IVectorPages
{
    /// <summary>How many slots a page has.</summary>
    int VectorsPerPage { get; }

    /// <summary>Prepares for a query.</summary>
    /// <param name="unit">The query, of unit length.</param>
    IVectorScan Prepare(float[] unit);
}

/// <summary>A look through vectors for one query.</summary>
internal interface IVectorScan
{
    /// <summary>How many slots must be kept by their scanned scores for so many hits.</summary>
    int Candidates(int limit);

    /// <summary>Scores the first <paramref name="count"/> slots of a page.</summary>
    void Score(int page, int count, Span<float> scores);

    /// <summary>The cosine similarity of a candidate, given the score of the scan.</summary>
    float Refine(int slot, float scanned);
}
