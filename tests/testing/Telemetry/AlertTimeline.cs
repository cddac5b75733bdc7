using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansChat.Testing.Telemetry;

/// <summary>
/// Real pages of metrics laid along hours that pass at once, and what the shipped alerts say along them, each after its own time: Prometheus' own tool evaluates them.
/// Counters grow evenly from one page to the next; everything else is at once as on the newer page.
/// </summary>
/// <param name="first">What is there at the beginning.</param>
public sealed class AlertTimeline(MetricPage first)
{
    /// <summary>The name of the tool.</summary>
    public const string Tool = "promtool";

    private readonly List<(int Minute, MetricPage Page)> _pages = [(0, first)];
    private readonly List<(int Minute, string[] Alerts)> _expected = [];

    /// <summary>Lets time pass, at the end of which a page is as it was read.</summary>
    public AlertTimeline Pass(int minutes, MetricPage page)
    {
        _pages.Add((_pages[^1].Minute + minutes, page));
        return this;
    }

    /// <summary>What is told at this moment, and nothing else.</summary>
    public AlertTimeline Expect(params string[] alerts)
    {
        _expected.Add((_pages[^1].Minute, alerts));
        return this;
    }

    /// <summary>Asks the tool.</summary>
    /// <exception cref="InvalidOperationException">Another alert fires than was expected, or none; the message is what the tool says.</exception>
    public async Task CheckAsync()
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-alerts-");
        try
        {
            var file = Path.Combine(folder.FullName, "timeline.json");
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
            {
                rule_files = new[] { ShippedRules.File },
                evaluation_interval = "1m",
                tests = new[] { new { interval = "1m", input_series = Series().ToList(), promql_expr_test = _expected.Select(Question).ToList() } },
            }));
            var (status, told) = await RunAsync("test", "rules", file);
            if (status != 0)
                throw new InvalidOperationException(told);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Has the tool read the shipped rules.</summary>
    /// <returns>Its status, which is 0 where they are right, and what it says.</returns>
    public static Task<(int Status, string Told)> CheckRulesAsync() => RunAsync("check", "rules", ShippedRules.File);

    private static async Task<(int Status, string Told)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    private static object Question((int Minute, string[] Alerts) expected) => new
    {
        expr = """count by (alertname) (ALERTS{alertstate="firing"})""",
        eval_time = $"{expected.Minute}m",
        exp_samples = expected.Alerts.Select(alert => new { labels = $$"""{alertname="{{alert}}"}""", value = 1 }).ToList(),
    };

    private static string KeyOf(MetricSample sample)
    {
        var key = new StringBuilder(sample.Name).Append('{');
        foreach (var (label, value) in sample.Labels.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            key.Append(CultureInfo.InvariantCulture, $"{label}={JsonSerializer.Serialize(value, JsonSerializerOptions.Web)},");

        return key.Append('}').ToString();
    }

    private IEnumerable<object> Series()
    {
        var pages = _pages.Select(one => (one.Minute, Samples: one.Page.Samples.ToDictionary(KeyOf), one.Page)).ToList();
        foreach (var key in pages.SelectMany(one => one.Samples.Keys).Distinct().ToList())
        {
            var values = new StringBuilder(Text(pages[0].Samples.GetValueOrDefault(key)?.Value));
            for (var i = 1; i < pages.Count; i++)
            {
                var (before, after) = (pages[i - 1], pages[i]);
                var minutes = after.Minute - before.Minute;
                for (var minute = 1; minute <= minutes; minute++)
                    values.Append(' ').Append(Text(Between(before.Samples.GetValueOrDefault(key), after.Samples.GetValueOrDefault(key), (double)minute / minutes, after.Page)));
            }

            yield return new { series = key, values = values.ToString() };
        }
    }

    private static double? Between(MetricSample? before, MetricSample? after, double share, MetricPage page)
    {
        if (after is null || !Counts(after, page))
            return after?.Value;

        // What was not there yet had counted nothing.
        var begin = before?.Value ?? 0;
        return begin + ((after.Value - begin) * share);
    }

    private static bool Counts(MetricSample sample, MetricPage page) =>
        !page.Types.TryGetValue(sample.Name, out var type) || type == "counter";

    private static string Text(double? value) => value switch
    {
        null => "stale",
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        { } number => number.ToString("R", CultureInfo.InvariantCulture),
    };
}
