namespace OrleansChat.Core.Settings.Reading;

/// <summary>Guesses what a misspelt name was meant to be.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest edits (Levenshtein, 1966) from a given one; null when none is close.</summary>
    /// <param name="name">The given name.</param>
    /// <param name="known">The known names.</param>
    /// <returns>The nearest, if at most two letters or a third of it differ.</returns>
    public static string? Find(string name, IEnumerable<string> known)
    {
        var nearest = known.Select(candidate => (Candidate: candidate, Edits: Edits(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .OrderBy(pair => pair.Edits)
            .FirstOrDefault();
        return nearest.Candidate is not null && nearest.Edits <= Math.Max(2, nearest.Candidate.Length / 3) ? nearest.Candidate : null;
    }

    private static int Edits(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var change = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
