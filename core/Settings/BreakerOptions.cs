using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>When upstreams are left alone.</summary>
public sealed record BreakerOptions
{
    /// <summary>Failures in a row that open a breaker.</summary>
    /// <value>The default is 5.</value>
    [Range(1, 10_000)]
    public int ConsecutiveFailures { get; init; } = 5;

    /// <summary>The share of failed calls within <see cref="FailureWindow"/> that opens a breaker, above 0 and at most 1; null for no such rule.</summary>
    public double? FailureRatio { get; init; }

    /// <summary>The calls that <see cref="FailureRatio"/> looks at.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan FailureWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Calls within <see cref="FailureWindow"/> below which <see cref="FailureRatio"/> says nothing.</summary>
    /// <value>The default is 20.</value>
    [Range(1, 1_000_000)]
    public int MinimumCalls { get; init; } = 20;

    /// <summary>How long an opened breaker waits before its probe.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan OpenDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait: each failed probe doubles the wait up to it.</summary>
    /// <value>The default is 15 minutes.</value>
    public TimeSpan MaxOpenDuration { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a probe may take before another caller may try.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan ProbeLease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an upstream that answered 429 without a <c>Retry-After</c> is left alone.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan DefaultCooldown { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest cooldown that an upstream can ask for.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan MaxCooldown { get; init; } = TimeSpan.FromMinutes(10);
}
