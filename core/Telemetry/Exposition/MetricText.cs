using System.Globalization;
using System.Text;

namespace OrleansChat.Core.Telemetry.Exposition;

/// <summary>
/// Writes families in Prometheus' text format 0.0.4 or in OpenMetrics 1.0, which is stricter: it ends with <c># EOF</c>, names counters
/// without <c>_total</c> in their description, and has exemplars.
/// </summary>
internal static class MetricText
{
    public static string Write(IEnumerable<MetricFamily> families, bool openMetrics)
    {
        var text = new StringBuilder(64 * 1024);
        foreach (var family in families)
        {
            Series[] all = [.. family.All];
            if (all.Length == 0)
                continue;

            Describe(text, family, openMetrics);
            foreach (var series in all)
                Write(text, family, series, openMetrics);
        }

        if (openMetrics)
            text.Append("# EOF\n");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, MetricFamily family, bool openMetrics)
    {
        var name = family.Kind is FamilyKind.Counter && !openMetrics ? CounterName(family) : family.Name;
        if (openMetrics && family.Kind is FamilyKind.Counter && name.EndsWith("_total", StringComparison.Ordinal))
            name = name[..^"_total".Length];
        var kind = family.Kind switch
        {
            FamilyKind.Counter => "counter",
            FamilyKind.Gauge => "gauge",
            _ => "histogram",
        };
        text.Append("# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');
        if (openMetrics && family.Unit is { } unit)
            text.Append("# UNIT ").Append(name).Append(' ').Append(unit).Append('\n');
        text.Append("# HELP ").Append(name).Append(' ');
        text.Append(family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
    }

    private static string CounterName(MetricFamily family) =>
        family.Name.EndsWith("_total", StringComparison.Ordinal) ? family.Name : family.Name + "_total";

    private static void Write(StringBuilder text, MetricFamily family, Series series, bool openMetrics)
    {
        var reading = series.Read();
        if (family.Kind is not FamilyKind.Histogram)
        {
            Sample(text, family.Kind is FamilyKind.Counter ? CounterName(family) : family.Name, series.Labels, reading.Sum);
            End(text, openMetrics && family.Kind is FamilyKind.Counter ? reading.Exemplars[0] : null);
            return;
        }

        long below = 0;
        for (var i = 0; i < reading.Buckets.Length; i++)
        {
            below += reading.Buckets[i];
            var bound = i < family.Bounds.Count ? Number(family.Bounds[i]) : "+Inf";
            Sample(text, family.Name + "_bucket", $"{series.Labels}{(series.Labels.Length > 0 ? "," : "")}le=\"{bound}\"", below);
            End(text, openMetrics ? reading.Exemplars[i] : null);
        }

        Sample(text, family.Name + "_sum", series.Labels, reading.Sum);
        End(text, null);
        Sample(text, family.Name + "_count", series.Labels, reading.Count);
        End(text, null);
    }

    private static void Sample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value));
    }

    private static void End(StringBuilder text, Exemplar? exemplar)
    {
        if (exemplar is not null)
        {
            var seconds = exemplar.At.ToUnixTimeMilliseconds() / 1000.0;
            text.Append(CultureInfo.InvariantCulture, $" # {{trace_id=\"{exemplar.TraceId}\"}} {Number(exemplar.Value)} {Number(seconds)}");
        }

        text.Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
