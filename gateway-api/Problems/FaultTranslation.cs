using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Problems;

/// <summary>What a client is told about an exception.</summary>
internal static class FaultTranslation
{
    /// <summary>The problem behind an exception.</summary>
    public static Problem ToProblem(Exception fault) => fault switch
    {
        OrleansChatException known => known.Problem,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge,
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => UnsupportedMediaType,
        BadHttpRequestException bad => Problem.Of(ProblemCode.InvalidRequest, Sentence(bad.Message), "Send a complete, well-formed HTTP request."),
        OperationCanceledException => Ended,
        TimeoutException => Problem.Of(ProblemCode.UpstreamTimeout, "The server did not finish in time.", "Try again."),
        _ => Problem.Of(
            ProblemCode.Internal, "The server failed on this request.", "Try again.", "Report the correlation id to the operator; the log has the cause."),
    };

    /// <summary>The status of an exception where it is not that of its problem's code.</summary>
    public static int? StatusOf(Exception fault) => fault is BadHttpRequestException bad ? bad.StatusCode : null;

    /// <summary>The problem of a response that has a status and nothing else.</summary>
    public static Problem OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status401Unauthorized => Problem.Of(ProblemCode.Unauthenticated, "The request carries no valid key."),
        StatusCodes.Status403Forbidden => Problem.Of(ProblemCode.Forbidden, "The key may not do this."),
        StatusCodes.Status404NotFound => Problem.Of(
            ProblemCode.NotFound, $"There is no route {context.Request.Method} {context.Request.Path}.", "See /openapi/v1.json for the routes."),
        StatusCodes.Status405MethodNotAllowed => Problem.Of(
            ProblemCode.InvalidRequest, $"{context.Request.Path} does not take {context.Request.Method}.", $"Use {context.Response.Headers.Allow}."),
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        < 500 and var status => Problem.Of(ProblemCode.InvalidRequest, $"The request was refused with status {status}."),
        var status => Problem.Of(ProblemCode.Internal, $"The server failed with status {status}."),
    };

    /// <summary>A request that was ended here, not by its client.</summary>
    public static readonly Problem Ended = Problem.Of(
        ProblemCode.UpstreamUnavailable, "The request was ended before it was answered.", "Try again.") with
    {
        RetryAfterSeconds = 1,
    };

    /// <summary>A body of another type than JSON.</summary>
    public static readonly Problem UnsupportedMediaType = Problem.Of(
        ProblemCode.InvalidRequest, "The body must be JSON in UTF-8.", "Send the header 'Content-Type: application/json'.");

    /// <summary>A body beyond the limit.</summary>
    public static readonly Problem TooLarge = Problem.Of(
        ProblemCode.TooLarge, "The body is larger than this server takes.", "Send less at once, or raise OrleansChat:Gateway:MaxRequestBytes.");

    private static string Sentence(string message) => message.EndsWith('.') ? message : message + ".";
}
