using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Correlation;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Security;

namespace OrleansChat.GatewayApi.Health;

/// <summary>
/// Answers <c>/health</c> before anything else is done: under full load an answer is late by what has to be done for it. It gives the last look's bytes, and does of the rest only what
/// concerns a caller: the correlation id, the headers that every answer has, and the key that decides how much is told.
/// </summary>
internal sealed class HealthMiddleware(
    RequestDelegate next, HealthAnswers answers, CallerIdentity callers, OrleansChatOptions options, NewIds ids)
{
    /// <summary>The route.</summary>
    public const string Route = "/health";

    // Whoever wants a line in the log for every request gets one for these too.
    private readonly bool _isOn = !options.Logging.Requests;

    public Task InvokeAsync(HttpContext context) =>
        _isOn && IsHealth(context.Request) ? AnswerAsync(context) : next(context);

    // A request with a body is nothing that an operator sends; it goes the way of all others.
    private static bool IsHealth(HttpRequest request) =>
        request.Path.Equals(Route, StringComparison.Ordinal) && HttpMethods.IsGet(request.Method)
        && request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0;

    private async Task AnswerAsync(HttpContext context)
    {
        CorrelationMiddleware.Name(context, ids);
        SecurityHeaders.Add(context);
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new KeyValuePair<string, object?>("http.route", Route));
        var isKnown = await callers.TryIdentifyAsync(context) is not null;
        await answers.GiveAsync(context, isKnown);
    }
}
