namespace OrleansChat.Testing.Telemetry;

/// <summary>A test that asks Prometheus' own tool, where the machine has it: it comes with Prometheus.</summary>
public sealed class PrometheusFactAttribute : FactAttribute
{
    public PrometheusFactAttribute() => Skip = AlertTimeline.Tool is null ? "promtool is not installed." : null;
}
