using System.Text.Json.Serialization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;

namespace OrleansChat.Core.Admission;

/// <summary>The answer to an <see cref="AdmissionRequest"/>.</summary>
public sealed record AdmissionDecision
{
    /// <summary>The grant; null when refused.</summary>
    public AdmissionGrant? Grant { get; init; }

    /// <summary>Why it was refused, with scope, limit and the exact time to retry; null when granted.</summary>
    public Problem? Refusal { get; init; }

    /// <summary>What is left of the key's own limits, for the rate-limit headers.</summary>
    public required RateLimitStatus KeyStatus { get; init; }

    /// <summary>How long it waited for a limit that may be waited for (<see cref="RateLimits.MaxWait"/>).</summary>
    public TimeSpan Waited { get; init; }
}

/// <summary>Proof of admission: what settles, renews or takes it back.</summary>
/// <param name="Request">The request that was admitted.</param>
/// <param name="ReservedNanoUsd">What was set aside in each budget, in nano-dollars.</param>
public sealed record AdmissionGrant(AdmissionRequest Request, long ReservedNanoUsd)
{
    /// <summary>The upstream whose limits admitted the request; null when the upstreams of its route have none.</summary>
    public string? Upstream { get; init; }

    /// <summary>Whether it was granted although it could not be counted: no limit and no budget knows of it.</summary>
    public bool IsUncounted { get; init; }

    /// <summary>Whether nobody waits until its settlement is durable, so that its entries may share writes with those of the next milliseconds.</summary>
    [JsonIgnore]
    public bool MayShareWrites { get; init; }

    /// <summary>When it was asked for, as a timestamp of this process; null for a grant that comes from elsewhere.</summary>
    [JsonIgnore]
    internal long? AskedAt { get; init; }

    /// <summary>The scopes that were asked; null for a grant that comes from elsewhere, as from a record.</summary>
    [JsonIgnore]
    internal AdmissionPlan? Plan { get; init; }

    /// <summary>The price that held at admission, and by which the request is settled.</summary>
    public Price Price { get; init; } = Price.Free;
}
