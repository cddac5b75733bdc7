// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using System.Globalization;
using System.IO;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Json;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Logging;

/// <summary>A line of JSON for each event. What the format need not escape but a terminal obeys, such as U+0085 in an exception's text, is escaped as well.</summary>
internal sealed class JsonLines : ITextFormatter
{
    private readonly JsonFormatter _inner = new(closingDelimiter: "", renderMessage: true);

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        _inner.Format(logEvent, line);

        // The format escapes what would end a string, so control characters that are left are within one.
        output.WriteLine(ControlCharacters.Escape(line.ToString()));
    }
}
