namespace OrleansChat.Testing.Search;

/// <summary>The usual measures of a ranking against judgments.</summary>
public static class RankingQuality
{
    /// <summary>
    /// Normalised discounted cumulative gain with linear gain (K. Järvelin, J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques",
    /// 2002): 0 to 1.
    /// </summary>
    public static double Ndcg(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> grades, int depth)
    {
        var gain = ranking.Take(depth).Select((id, rank) => grades.GetValueOrDefault(id) / Math.Log2(rank + 2)).Sum();
        var ideal = grades.Values.OrderDescending().Take(depth).Select((grade, rank) => grade / Math.Log2(rank + 2)).Sum();
        return ideal == 0 ? 0 : gain / ideal;
    }

    /// <summary>The share of the relevant documents found within the depth: 0 to 1.</summary>
    public static double Recall(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> grades, int depth) =>
        (double)ranking.Take(depth).Count(grades.ContainsKey) / grades.Count;
}
