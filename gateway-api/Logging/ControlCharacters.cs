// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using System.Buffers;
using System.Text;
using Serilog.Core;
using Serilog.Events;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Logging;

/// <summary>Writes control characters of values as escapes: nothing that a client sends begins a line or moves a terminal's cursor.</summary>
internal sealed class ControlCharacters : ILogEventEnricher
{
    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(char.IsControl), '\u2028', '\u2029']);

    /// <inheritdoc/>
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        List<LogEventProperty>? clean = null;
        foreach (var (name, value) in logEvent.Properties)
        {
            if (value is ScalarValue { Value: { } scalar } && scalar.ToString() is { } text && text.AsSpan().ContainsAny(Controls))
                (clean ??= []).Add(new LogEventProperty(name, new ScalarValue(Escape(text))));
        }

        foreach (var property in clean ?? [])
            logEvent.AddOrUpdateProperty(property);
    }

    /// <summary>A text of several lines, each of them further in than any line of a log begins, and without other control characters.</summary>
    public static string Indent(string text) =>
        string.Join('\n', text.Split('\n').Select(line => "   " + Escape(line.TrimEnd('\r'))));

    /// <summary>The text with escapes for control characters.</summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAny(Controls))
            return text;
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var character in text)
            _ = Controls.Contains(character) ? escaped.Append($"\\u{(int)character:x4}") : escaped.Append(character);
        return escaped.ToString();
    }
}
