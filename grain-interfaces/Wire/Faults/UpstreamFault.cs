using OrleansChat.Core.Errors;

namespace OrleansChat.GrainInterfaces.Wire.Faults;

/// <summary>What crosses the wire of an <see cref="UpstreamException"/>.</summary>
[GenerateSerializer, Alias("orleanschat.upstream-fault")]
public struct UpstreamFaultSurrogate
{
    /// <summary>The part that all exceptions have.</summary>
    [Id(0)]
    public FaultSurrogate Fault { get; set; }

    /// <summary>The upstream's id.</summary>
    [Id(1)]
    public string Upstream { get; set; }

    /// <summary>How it failed, by name: a kind that the other side does not know becomes <see cref="UpstreamFailure.Protocol"/>.</summary>
    [Id(2)]
    public string Failure { get; set; }

    /// <summary>The HTTP status that it answered with; null when it gave none.</summary>
    [Id(3)]
    public int? StatusCode { get; set; }

    /// <summary>How long it asked to be left alone; null when it did not say.</summary>
    [Id(4)]
    public TimeSpan? RetryAfter { get; set; }
}

/// <summary>Takes a failure of an upstream over the wire.</summary>
[RegisterConverter]
public sealed class UpstreamFaultConverter : IConverter<UpstreamException, UpstreamFaultSurrogate>
{
    /// <inheritdoc/>
    public UpstreamException ConvertFromSurrogate(in UpstreamFaultSurrogate surrogate)
    {
        var failure = Enum.TryParse<UpstreamFailure>(surrogate.Failure, out var known) ? known : UpstreamFailure.Protocol;
        return new UpstreamException(surrogate.Upstream, failure, surrogate.Fault.ToProblem(), surrogate.Fault.ToCause())
        {
            StatusCode = surrogate.StatusCode,
            RetryAfter = surrogate.RetryAfter,
            Fallback = surrogate.Fault.Fallback,
        };
    }

    /// <inheritdoc/>
    public UpstreamFaultSurrogate ConvertToSurrogate(in UpstreamException value) => new()
    {
        Fault = FaultSurrogate.Of(value),
        Upstream = value.Upstream,
        Failure = value.Failure.ToString(),
        StatusCode = value.StatusCode,
        RetryAfter = value.RetryAfter,
    };
}
