using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>Where metrics and traces are sent. <c>/metrics</c> needs none of it.</summary>
public sealed record TelemetryOptions
{
    /// <summary>The collector's OTLP address, such as <c>http://127.0.0.1:4317</c>.</summary>
    /// <value>The default is null: nothing is sent.</value>
    public string? OtlpEndpoint { get; init; }

    /// <summary>How it is spoken to.</summary>
    /// <value>The default is <see cref="OtlpProtocol.Grpc"/>.</value>
    public OtlpProtocol OtlpProtocol { get; init; } = OtlpProtocol.Grpc;

    /// <summary>Headers sent with it as <c>name=value,name=value</c>, a secret: <c>env:NAME</c>, <c>file:/path</c> or the headers themselves; null for none.</summary>
    public string? OtlpHeadersSecret { get; init; }

    /// <summary>The share of traces that are sent, where the caller has not decided already.</summary>
    /// <value>The default is 1: all of them.</value>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; init; } = 1;

    /// <summary>Traces that a process records a second at the most, whoever asks for them; those of one second at once. What is beyond keeps its ids in log and upstream, and no spans.</summary>
    /// <value>The default is 100; 0 is no bound.</value>
    [Range(0, 1_000_000)]
    public int MaxTracesPerSecond { get; init; } = 100;

    /// <summary>Its name alone: a record would print its secret.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"telemetry to {OtlpEndpoint ?? "nobody"}";
}

/// <summary>The forms of OTLP.</summary>
public enum OtlpProtocol
{
    /// <summary>gRPC, by convention at port 4317.</summary>
    Grpc,

    /// <summary>Protobuf over HTTP, by convention at port 4318; the signals' paths are added to the address.</summary>
    HttpProtobuf,
}
