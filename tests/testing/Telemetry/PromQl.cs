using System.Text.RegularExpressions;

namespace OrleansChat.Testing.Telemetry;

/// <summary>What a PromQL expression asks for, read closely enough to hold it against a page of metrics.</summary>
public static partial class PromQl
{
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal) { "and", "or", "unless", "bool", "offset", "inf", "nan" };

    /// <summary>What an expression gets wrong about the metrics that there are; empty for nothing.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="page">The metrics.</param>
    /// <param name="isElsewhere">Whether a name is another source's, which is not held against the page.</param>
    public static IEnumerable<string> Faults(string expression, MetricPage page, Func<string, bool> isElsewhere)
    {
        if (expression.Count(character => character == '(') != expression.Count(character => character == ')'))
            yield return "its parentheses do not match";

        var groups = Grouping().Matches(expression).SelectMany(match => match.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        var plain = Range().Replace(Grouping().Replace(expression, ""), "");
        var known = new HashSet<string>(StringComparer.Ordinal) { "instance", "job" };
        var isAllHere = true;
        foreach (Match match in Selector().Matches(plain))
        {
            var name = match.Groups["name"].Value;
            if (Words.Contains(name))
                continue;
            if (isElsewhere(name))
            {
                isAllHere = false;
                continue;
            }

            var samples = page.Find(name).ToList();
            if (samples.Count == 0)
                yield return $"there is no metric '{name}'";
            var labels = samples.SelectMany(sample => sample.Labels.Keys).ToHashSet();
            known.UnionWith(labels);
            foreach (Match matcher in Matcher().Matches(match.Groups["matchers"].Value))
            {
                if (samples.Count > 0 && !labels.Contains(matcher.Groups["label"].Value))
                    yield return $"'{name}' has no label '{matcher.Groups["label"].Value}'";
            }
        }

        if (isAllHere && groups.Except(known).FirstOrDefault() is { } unknown)
            yield return $"nothing in it has the label '{unknown}'";
    }

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\((?<labels>[^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex("""(?<![\w.])(?<name>[a-zA-Z_:][\w:]*)(?![\w:]*\s*\()(?:\{(?<matchers>(?:[^}"]|"[^"]*")*)\})?""")]
    private static partial Regex Selector();

    [GeneratedRegex("""(?<label>\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*" ?""")]
    private static partial Regex Matcher();
}
