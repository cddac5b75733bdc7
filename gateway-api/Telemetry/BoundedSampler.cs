// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using OpenTelemetry.Trace;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Telemetry;

/// <summary>Records what another sampler would record, as far as there is room.</summary>
/// <param name="chosen">Says what is worth recording; only that takes room.</param>
/// <param name="bound">Says whether there is room.</param>
internal sealed class BoundedSampler(Sampler chosen, TraceBound bound) : Sampler
{
    private static readonly SamplingResult Dropped = new(SamplingDecision.Drop);

    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var result = chosen.ShouldSample(samplingParameters);
        return result.Decision is SamplingDecision.Drop || bound.TryTake() ? result : Dropped;
    }
}
