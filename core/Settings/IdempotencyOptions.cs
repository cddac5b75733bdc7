using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>Requests with an <c>Idempotency-Key</c>.</summary>
public sealed record IdempotencyOptions
{
    /// <summary>How long an answer is kept for a repeat.</summary>
    /// <value>The default is 24 hours.</value>
    public TimeSpan Retention { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Bytes of the largest answer that is kept or can be joined.</summary>
    /// <value>The default is 1 MiB.</value>
    [Range(0, 8 * 1024 * 1024)]
    public int MaxAnswerBytes { get; init; } = 1024 * 1024;

    /// <summary>How long a running request is held for a gateway that is not heard of.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);
}
