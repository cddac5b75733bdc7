namespace OrleansChat.Core.Search.Ranking;

/// <summary>
/// How much an embedding model's ranking counts beside lexical ranking, which counts 1. An embedding generator says so through its
/// <c>GetService</c>; one that does not is tried (<see cref="Trials.ModelTrials"/>).
/// </summary>
/// <param name="Value">0 to 100.</param>
public sealed record DenseWeight(double Value);
