using System.Collections;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansChat.GatewayApi.Problems;

namespace OrleansChat.GatewayApi.Correlation;

/// <summary>
/// Gives every request an id: the caller's, or a new one. It stands on the response, in the log's scope, in the trace and, as
/// <see cref="HttpContext.TraceIdentifier"/>, in problems.
/// </summary>
internal sealed class CorrelationMiddleware(RequestDelegate next, NewIds ids, ILogger<CorrelationMiddleware> logger)
{
    /// <summary>The header, in both directions.</summary>
    public const string Header = "X-Correlation-ID";

    private const int MaxLength = 128;

    public async Task InvokeAsync(HttpContext context)
    {
        using var trace = CallersTrace.Continue(context);
        var id = Name(context, ids);
        if (Activity.Current is { IsAllDataRequested: true } span)
            span.SetTag("orleanschat.correlation_id", id);
        using (logger.BeginScope(new CorrelationScope(id)))
            await next(context);
    }

    /// <summary>Gives the request its id.</summary>
    public static string Name(HttpContext context, NewIds ids)
    {
        var id = context.Request.Headers[Header] is [{ } given] && IsValid(given)
            ? given
            : ids.Next();
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
        if (VendorError.RequestIdHeader(context.Request.Path) is { } vendorHeader)
            context.Response.Headers[vendorHeader] = id;
        return id;
    }

    // Printable ASCII only: the id goes into headers, logs and terminals.
    private static bool IsValid(string id) => id.Length is > 0 and <= MaxLength && !id.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private sealed class CorrelationScope(string id) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => 1;

        public KeyValuePair<string, object?> this[int index] => new("CorrelationId", id);

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            yield return this[0];
        }

        public override string ToString() => $"CorrelationId:{id}";

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
