using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Logging;

/// <summary>Tells of every request in a line, if the settings ask for it. It names the route, not the path, which a client may fill with anything.</summary>
internal sealed partial class RequestLog(RequestDelegate next, IOptions<OrleansChatOptions> options, TimeProvider clock, ILogger<RequestLog> logger)
{
    private readonly bool _isOn = options.Value.Logging.Requests;

    public Task InvokeAsync(HttpContext context) => _isOn ? MeasureAsync(context) : next(context);

    private async Task MeasureAsync(HttpContext context)
    {
        var began = clock.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
            var key = context.Features.Get<ApiKey>()?.Id ?? "(none)";
            var elapsed = clock.GetElapsedTime(began).TotalMilliseconds;
            LogRequest(context.Request.Method, route, context.Response.StatusCode, elapsed, key);
        }
    }

    [LoggerMessage(EventId = 60, EventName = "Request", Level = LogLevel.Information, Message = "{Method} {Route} {Status} in {ElapsedMs:0.0} ms by {Key}")]
    private partial void LogRequest(string method, string route, int status, double elapsedMs, string key);
}
