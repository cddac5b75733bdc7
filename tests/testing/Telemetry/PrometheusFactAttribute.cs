using OrleansChat.Testing.Running;

namespace OrleansChat.Testing.Telemetry;

/// <summary>A test that asks Prometheus' own tool, where the machine has it: it comes with Prometheus.</summary>
public sealed class PrometheusFactAttribute : FactAttribute
{
    /// <summary>Marks the test.</summary>
    /// <param name="others">Programs that it needs as well.</param>
    public PrometheusFactAttribute(params string[] others) =>
        Skip = others.Prepend(AlertTimeline.Tool).FirstOrDefault(static program => Installed.Find(program) is null) is { } missing ? $"{missing} is not installed." : null;
}
