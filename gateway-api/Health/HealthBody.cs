// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using System.Reflection;
using System.Text.Json.Serialization;
using OrleansChat.Core.Health;
using OrleansChat.Core.Health.Sla;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Health;

/// <summary>The answer of <c>/health</c>, of every process.</summary>
internal sealed record HealthBody(HealthStatus Status)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Version { get; init; }

    [JsonPropertyName("uptime_seconds")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? UptimeSeconds { get; init; }

    [JsonPropertyName("overall_sla")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? OverallSla { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ComponentBody>? Components { get; init; }

    private static readonly string ThisVersion =
        typeof(HealthBody).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Everything, for callers with a key.</summary>
    public static HealthBody InFull(HealthView view, TimeSpan uptime, SlaRecorder sla) => new(view.Status)
    {
        Version = ThisVersion,
        UptimeSeconds = Math.Round(uptime.TotalSeconds, 3),
        OverallSla = sla.Of(SlaRecorder.Overall).Day.Share(),
        Components = view.Components.ToDictionary(component => component.Name, component => ComponentBody.Of(component, sla.Of(component.Name))),
    };
}

/// <summary>A component in <c>/health</c>.</summary>
internal sealed record ComponentBody(HealthStatus Status, bool Critical)
{
    [JsonPropertyName("response_time_ms")]
    public double ResponseTimeMs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    [JsonPropertyName("last_error")]
    public string? LastError { get; init; }

    [JsonPropertyName("last_error_at")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastErrorAt { get; init; }

    [JsonPropertyName("uptime_seconds")]
    public double UptimeSeconds { get; init; }

    [JsonPropertyName("sla_current")]
    public double SlaCurrent { get; init; }

    public required SlaBody Sla { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? Counts { get; init; }

    public static ComponentBody Of(ComponentHealth component, SlaLooks looks) => new(component.Status, component.IsCritical)
    {
        ResponseTimeMs = component.ResponseTimeMs,
        Detail = component.Detail,
        LastError = component.LastError,
        LastErrorAt = component.LastErrorAt,
        UptimeSeconds = Math.Round(component.Uptime.TotalSeconds, 3),
        SlaCurrent = looks.Day.Share(),
        Sla = new SlaBody(looks.Day.Share(), looks.Week.Share(), looks.Month.Share()),
        Counts = component.Counts,
    };
}

/// <summary>The share of looks that found a component at work, in per cent, over three windows.</summary>
internal sealed record SlaBody(double Day, double Week, double Month);
