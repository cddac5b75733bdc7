namespace OrleansChat.Core.Search.Trials;

/// <summary>What a trial of an embedding model showed for one version of a collection.</summary>
/// <param name="Passages">How many passages the version had then.</param>
/// <param name="DenseWeight">How much the model's ranking counts beside lexical ranking, which counts 1: 0 to 1.</param>
public sealed record ModelTrial(long Passages, double DenseWeight)
{
    /// <summary>With fewer passages nothing is tried: whatever a model ranks, it ranks nearly all of them.</summary>
    public const int LeastPassages = 32;

    /// <summary>The weight as long as nothing was tried.</summary>
    public const double UntriedWeight = 1;

    /// <summary>Whether a version is to be tried: never before, or not since it was half as large.</summary>
    /// <param name="last">The last trial; null for none.</param>
    /// <param name="passages">How many passages the version has.</param>
    /// <returns>Whether a trial would tell something new.</returns>
    public static bool IsDue(ModelTrial? last, long passages) => passages >= LeastPassages && (last is null || passages >= 2 * last.Passages);
}
