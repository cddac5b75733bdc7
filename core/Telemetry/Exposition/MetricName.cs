using System.Diagnostics.Metrics;
using System.Text;

namespace OrleansChat.Core.Telemetry.Exposition;

/// <summary>
/// Names as Prometheus wants them, by the rules of OpenTelemetry's "Prometheus and OpenMetrics Compatibility": other characters become '_',
/// a unit is a suffix, a counter ends in <c>_total</c>.
/// </summary>
internal static class MetricName
{
    /// <summary>A family's name, without <c>_total</c>.</summary>
    public static string Of(Instrument instrument)
    {
        var name = Clean(instrument.Name);
        var unit = Unit(instrument.Unit);
        return unit is null || name.EndsWith(unit, StringComparison.Ordinal) ? name : $"{name}_{unit}";
    }

    /// <summary>A label's name.</summary>
    public static string Clean(string name)
    {
        var clean = new StringBuilder(name.Length);
        foreach (var character in name)
            clean.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
        if (clean.Length == 0 || char.IsAsciiDigit(clean[0]))
            clean.Insert(0, '_');
        return clean.ToString();
    }

    /// <summary>The unit's suffix; null for none.</summary>
    public static string? Unit(string? unit) => unit switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "1" => "ratio",
        _ => null,
    };
}
