using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansChat.Testing.Telemetry;

/// <summary>A line with a value.</summary>
public sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value, string? TraceId);

/// <summary>
/// A page of metrics, read as strictly as a collector would: a line that breaks the format is an error, and so is a sample without a
/// description, a family that is described twice, or a series that is given twice.
/// </summary>
public sealed partial class MetricPage
{
    private static readonly string[] Suffixes = ["", "_total", "_bucket", "_sum", "_count"];

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    private MetricPage()
    {
    }

    /// <summary>The kinds of the families, by their names.</summary>
    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>The families' descriptions, by their names.</summary>
    public Dictionary<string, string> Help { get; } = new(StringComparer.Ordinal);

    /// <summary>All samples, in order.</summary>
    public List<MetricSample> Samples { get; } = [];

    public static MetricPage Parse(string text)
    {
        if (!text.EndsWith('\n'))
            throw new FormatException("The page does not end with a line feed.");
        var page = new MetricPage();
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith('#'))
                page.ReadComment(line);
            else
                page.ReadSample(line);
        }

        return page;
    }

    /// <summary>What Prometheus has of a job after a scrape: every server's samples under the server's name, and which servers answered.</summary>
    /// <param name="job">The job of the shipped configuration.</param>
    /// <param name="servers">Its servers; null for the page of one that does not answer.</param>
    public static MetricPage Scraped(string job, params (string Instance, MetricPage? Page)[] servers)
    {
        var scraped = new MetricPage();
        scraped.Types["up"] = "gauge";
        foreach (var (instance, page) in servers)
        {
            (string, string)[] target = [("job", job), ("instance", instance)];
            scraped.Samples.Add(new MetricSample("up", Labelled([], target), page is null ? 0 : 1, null));
            foreach (var (name, type) in page?.Types ?? [])
                scraped.Types[name] = type;
            foreach (var sample in page?.Samples ?? [])
                scraped.Samples.Add(sample with { Labels = Labelled(sample.Labels, target) });
        }

        return scraped;
    }

    /// <summary>The value of the samples of a name that have all the labels, summed.</summary>
    public double Sum(string name, params (string Label, string Value)[] labels) => Find(name, labels).Sum(sample => sample.Value);

    /// <summary>The samples of a name that have all the labels.</summary>
    public IEnumerable<MetricSample> Find(string name, params (string Label, string Value)[] labels) =>
        Samples.Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value));

    private static Dictionary<string, string> Labelled(IEnumerable<KeyValuePair<string, string>> labels, params (string Label, string Value)[] more) =>
        labels.Concat(more.Select(static one => KeyValuePair.Create(one.Label, one.Value))).ToDictionary(StringComparer.Ordinal);

    private void ReadComment(string line)
    {
        var parts = line.Split(' ', 4);
        if (line == "# EOF")
            return;
        if (parts.Length < 3 || parts[1] is not ("TYPE" or "HELP" or "UNIT") || !Name().IsMatch(parts[2]))
            throw new FormatException($"Not a description: {line}");
        if (parts[1] == "TYPE" && (parts[3] is not ("counter" or "gauge" or "histogram") || !Types.TryAdd(parts[2], parts[3])))
            throw new FormatException($"A bad or second type: {line}");
        if (parts[1] == "HELP" && !Help.TryAdd(parts[2], parts.Length > 3 ? parts[3] : ""))
            throw new FormatException($"A second description: {line}");
    }

    private void ReadSample(string line)
    {
        var match = Sample().Match(line);
        if (!match.Success)
            throw new FormatException($"Not a sample: {line}");
        var name = match.Groups["name"].Value;
        if (!Suffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal) && Types.ContainsKey(name[..^suffix.Length])))
            throw new FormatException($"A sample without a type: {line}");
        if (!_seen.Add(name + match.Groups["labels"].Value))
            throw new FormatException($"A series that is given twice: {line}");

        var labels = Label().Matches(match.Groups["labels"].Value).ToDictionary(
            label => label.Groups["key"].Value, label => Unescape(label.Groups["value"].Value), StringComparer.Ordinal);
        Samples.Add(new MetricSample(name, labels, Number(match.Groups["value"].Value), match.Groups["trace"] is { Success: true } trace ? trace.Value : null));
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static string Unescape(string value) => Escape().Replace(value, match => match.Value[1] == 'n' ? "\n" : match.Value[1..]);

    [GeneratedRegex("^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
    private static partial Regex Name();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (?<value>[^ ]+)(?: # \{trace_id="(?<trace>[0-9a-f]{32})"\} [^ ]+ [^ ]+)?$""")]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<key>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\]|\\.)*)"[,]?""")]
    private static partial Regex Label();

    [GeneratedRegex("""\\["\\n]""")]
    private static partial Regex Escape();
}
