using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace OrleansChat.GatewayApi.Correlation;

/// <summary>
/// Continues the trace that a caller is in, so that its id stands in the log and reaches upstreams. Where traces are sent to a collector the server has a span of each request
/// already; elsewhere a request gets one only if it brought a trace.
/// </summary>
internal static class CallersTrace
{
    /// <summary>Begins a span under the caller's.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The span, ended by disposing it; null where there is one already, or the request names none.</returns>
    public static Activity? Continue(HttpContext context)
    {
        if (Activity.Current is not null || context.Request.Headers.TraceParent.Count == 0)
            return null;

        var propagator = DistributedContextPropagator.Current;
        var headers = context.Request.Headers;
        propagator.ExtractTraceIdAndState(headers, Read, out var id, out var state);
        if (!ActivityContext.TryParse(id, state, isRemote: true, out var parent))
            return null;

        var span = new Activity("request").SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
        span.TraceStateString = state;
        foreach (var (name, value) in propagator.ExtractBaggage(headers, Read) ?? [])
            span.AddBaggage(name, value);
        return span.Start();
    }

    private static void Read(object? carrier, string name, out string? value, out IEnumerable<string>? values)
    {
        values = null;
        value = ((IHeaderDictionary)carrier!)[name];
    }
}
