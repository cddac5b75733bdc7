// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using Serilog.Core;
using Serilog.Events;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Logging;

/// <summary>
/// Writes exceptions for people: what they say may be what an upstream or a client sent, so none of their lines looks like a line of the log, and none moves a terminal's cursor.
/// </summary>
internal sealed class FaultLines : ILogEventEnricher
{
    /// <summary>The property of the template.</summary>
    public const string Property = "FaultLines";

    /// <inheritdoc/>
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        if (logEvent.Exception is { } fault)
            logEvent.AddOrUpdateProperty(new LogEventProperty(Property, new ScalarValue(ControlCharacters.Indent(fault.ToString()) + Environment.NewLine)));
    }
}
