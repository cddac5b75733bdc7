using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Json;

namespace OrleansChat.GatewayApi.Problems;

/// <summary>Writes a problem as the response, in the shape that the route's clients expect.</summary>
internal static class ProblemWriter
{
    private const string RetryMilliseconds = "retry-after-ms";

    /// <summary>Writes a problem. The response must not have begun.</summary>
    /// <param name="context">The request.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="status">The status, where it is not the code's own, as 405 is.</param>
    /// <returns>A task.</returns>
    public static async Task WriteAsync(HttpContext context, Problem problem, int? status = null)
    {
        var response = context.Response;
        response.StatusCode = status ?? problem.Status;
        var shape = VendorError.ShapeOf(context.Request.Path);
        response.ContentType = shape is VendorShape.None ? "application/problem+json" : "application/json";
        response.Headers.CacheControl = "no-store";
        SetRetry(response.Headers, problem.RetryAfterSeconds);
        if (problem.Code == ProblemCode.Unauthenticated.Name)
            response.Headers.WWWAuthenticate = "Bearer";
        if (HttpMethods.IsHead(context.Request.Method))
            return;

        await using (var writer = new Utf8JsonWriter(response.BodyWriter, GatewayJson.Writer))
        {
            if (shape is VendorShape.None)
                ProblemJson.Write(writer, problem, context.TraceIdentifier, status);
            else
                VendorError.Write(writer, shape, problem, context.TraceIdentifier);
        }

        await response.BodyWriter.FlushAsync(CancellationToken.None);
    }

    // RFC 9110 knows whole seconds only, rounded up so that nobody comes too early; OpenAI's clients read the milliseconds.
    private static void SetRetry(IHeaderDictionary headers, double? seconds)
    {
        if (seconds is not { } wait)
            return;
        headers.RetryAfter = Math.Ceiling(wait).ToString("F0", CultureInfo.InvariantCulture);
        headers[RetryMilliseconds] = WaitMilliseconds.Of(wait).ToString(CultureInfo.InvariantCulture);
    }
}
