namespace OrleansChat.Core.Turns;

/// <summary>What was found for a turn.</summary>
/// <param name="Passages">The passages, best first, their citations numbered from 1.</param>
public sealed record Retrieval(IReadOnlyList<Passage> Passages)
{
    /// <summary>Nothing.</summary>
    public static readonly Retrieval None = new([]);

    /// <summary>The fallbacks by which it was found, as <see cref="Health.Fallbacks"/> names them.</summary>
    public IReadOnlyList<string> Fallbacks { get; init; } = [];
}
