namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>
/// Decides which branches of <c>#if</c> … <c>#else</c> … <c>#endif</c> are read. All are, but when a branch opens braces that it does not close, its
/// alternatives open them as well, and only the first counts.
/// </summary>
internal sealed class ConditionalBranches
{
    private const int MaxNesting = 1_000;

    private readonly List<int> _depths = [];
    private int _skipped;

    /// <summary>Takes a directive; whether what follows is left out.</summary>
    /// <param name="directive">The text from its # on.</param>
    /// <param name="depth">The braces open here.</param>
    public bool Read(ReadOnlySpan<char> directive, int depth)
    {
        var word = Word(directive);
        if (word.StartsWith("if", StringComparison.Ordinal) && _depths.Count < MaxNesting)
            _depths.Add(depth);
        else if (word.SequenceEqual("endif") && _depths.Count > 0)
            _depths.RemoveAt(_depths.Count - 1);
        else if (word.StartsWith("el", StringComparison.Ordinal) && _depths.Count > 0)
            return depth != _depths[^1];
        return false;
    }

    /// <summary>Takes a directive in what is left out; whether what follows is left out too.</summary>
    /// <param name="directive">The text from its # on.</param>
    public bool Skip(ReadOnlySpan<char> directive)
    {
        var word = Word(directive);
        if (word.StartsWith("if", StringComparison.Ordinal))
            _skipped++;
        if (!word.SequenceEqual("endif"))
            return true;
        if (_skipped > 0)
        {
            _skipped--;
            return true;
        }

        _depths.RemoveAt(_depths.Count - 1);
        return false;
    }

    private static ReadOnlySpan<char> Word(ReadOnlySpan<char> directive)
    {
        var word = directive[1..].TrimStart(" \t");
        var end = word.IndexOfAnyExceptInRange('a', 'z');
        return end < 0 ? word : word[..end];
    }
}
