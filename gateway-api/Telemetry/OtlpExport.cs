// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Telemetry;

/// <summary>Sends traces and metrics to a collector by OTLP, where the settings name one.</summary>
internal sealed class OtlpExport : IHostedService, IDisposable
{
    private const string TracesPath = "/v1/traces";
    private const string MetricsPath = "/v1/metrics";

    // No "System.Net.Http": each call of an upstream has a span already, under which it goes out, and a second one would cost as much as all that it tells.
    private static readonly string[] Sources = [TelemetryNames.Source, "Microsoft.AspNetCore", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application"];

    private static readonly string[] Meters =
    [
        TelemetryNames.Meter, "OrleansChat.Search", "OrleansChat.Sessions", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime",
        "Microsoft.Orleans",
    ];

    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    /// <summary>Begins to send.</summary>
    public OtlpExport(OrleansChatOptions settings, string service, TraceOrigin origin, IMeterFactory meters, TimeProvider time)
    {
        var telemetry = settings.Telemetry;
        var resource = ResourceBuilder.CreateDefault().AddService(service, "orleanschat", typeof(OtlpExport).Assembly.GetName().Version?.ToString(3));
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(Sources)
            .SetSampler(Sampler(telemetry, origin, meters, time))
            .AddOtlpExporter(exporter => Configure(exporter, telemetry, TracesPath))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(Meters)
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddOtlpExporter((exporter, _) => Configure(exporter, telemetry, MetricsPath))
            .Build();
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _traces.ForceFlush();
        _metrics.ForceFlush();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }

    // Whoever decided not to record is followed in any case. A client's wish to record is none of the server's budget, so it takes room as any trace does; a gateway has asked for room already.
    internal static ParentBasedSampler Sampler(TelemetryOptions telemetry, TraceOrigin origin, IMeterFactory meters, TimeProvider time)
    {
        Sampler root = new TraceIdRatioBasedSampler(telemetry.TraceRatio), asked = new AlwaysOnSampler();
        if (telemetry.MaxTracesPerSecond == 0)
            return new ParentBasedSampler(root, asked);

        var bound = new TraceBound(telemetry.MaxTracesPerSecond, time);
        meters.Create(TelemetryNames.Meter).CreateObservableCounter(
            "orleanschat.traces.dropped", () => bound.Dropped, "{trace}", "Traces that were not recorded because there were more than Telemetry:MaxTracesPerSecond.");
        return new ParentBasedSampler(new BoundedSampler(root, bound), origin is TraceOrigin.Clients ? new BoundedSampler(asked, bound) : asked);
    }

    private static void Configure(OtlpExporterOptions exporter, TelemetryOptions telemetry, string path)
    {
        var isHttp = telemetry.OtlpProtocol is OtlpProtocol.HttpProtobuf;
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = new Uri(isHttp ? telemetry.OtlpEndpoint!.TrimEnd('/') + path : telemetry.OtlpEndpoint!);
        if (telemetry.OtlpHeadersSecret is { Length: > 0 } headers)
            exporter.Headers = Secret.From(headers, TimeProvider.System).Read();
    }
}

/// <summary>Registers what sends telemetry.</summary>
public static class OtlpServices
{
    /// <summary>Sends telemetry, if the settings name a collector.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings.</param>
    /// <param name="service">What the process calls itself.</param>
    /// <param name="origin">Who asks this process.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddOrleansChatOtlp(
        this IServiceCollection services, OrleansChatOptions options, string service, TraceOrigin origin = TraceOrigin.Clients)
    {
        // Spans begin with W3C ids whether or not anybody sends them.
        Activity.DefaultIdFormat = ActivityIdFormat.W3C;
        if (options.Telemetry.OtlpEndpoint is not null)
            services.AddHostedService(provider => new OtlpExport(
                options, service, origin, provider.GetRequiredService<IMeterFactory>(), provider.GetService<TimeProvider>() ?? TimeProvider.System));
        return services;
    }
}

/// <summary>Who begins the traces that a process takes part in.</summary>
public enum TraceOrigin
{
    /// <summary>Clients, who may ask to have everything recorded: the bound holds for theirs too.</summary>
    Clients,

    /// <summary>Gateways, which keep the bound themselves: a trace that they record is recorded whole.</summary>
    Gateways,
}
