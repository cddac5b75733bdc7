using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansChat.Testing.Telemetry;

/// <summary>
/// Measures requests by a test's clock. ASP.NET measures them by the machine's, which no test can set: what alerts say of them would hang on how busy the machine is.
/// </summary>
/// <param name="clock">The clock.</param>
public sealed class RequestClock(TimeProvider clock) : IStartupFilter
{
    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
    {
        // The instrument of ASP.NET itself: a meter makes one of a kind.
        var duration = application.ApplicationServices.GetRequiredService<IMeterFactory>().Create("Microsoft.AspNetCore.Hosting")
            .CreateHistogram<double>("http.server.request.duration", "s", "Duration of HTTP server requests.");
        application.Use(rest => context => MeasureAsync(rest, context, duration));
        next(application);
    };

    private async Task MeasureAsync(RequestDelegate rest, HttpContext context, Histogram<double> duration)
    {
        if (context.Features.Get<IHttpMetricsTagsFeature>() is { } usual)
            usual.MetricsDisabled = true;
        var began = clock.GetTimestamp();
        try
        {
            await rest(context);
        }
        finally
        {
            duration.Record(
                clock.GetElapsedTime(began).TotalSeconds,
                new("http.request.method", context.Request.Method),
                new("http.response.status_code", context.Response.StatusCode),
                new("http.route", context.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route));
        }
    }
}
