namespace OrleansChat.Providers.Resilience;

/// <summary>Retries of an upstream call that failed before its first token.</summary>
public sealed record UpstreamRetryOptions
{
    /// <summary>Default of <see cref="MaxRetries"/>.</summary>
    public const int DefaultMaxRetries = 2;

    /// <summary>Default of <see cref="BaseDelay"/>, in milliseconds.</summary>
    public const int DefaultBaseDelayMilliseconds = 500;

    /// <summary>Default of <see cref="MaxDelay"/>, in seconds.</summary>
    public const int DefaultMaxDelaySeconds = 8;

    /// <summary>Default of <see cref="MaxRetryAfter"/>, in seconds.</summary>
    public const int DefaultMaxRetryAfterSeconds = 5;

    /// <summary>Attempts after the first.</summary>
    /// <value>Default 2; 0 (none) to 10.</value>
    public int MaxRetries { get; init; } = DefaultMaxRetries;

    /// <summary>The median of the first wait; later waits double, all with decorrelated jitter.</summary>
    /// <value>Default 500 ms; zero or more.</value>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(DefaultBaseDelayMilliseconds);

    /// <summary>No wait of our own choosing is longer.</summary>
    /// <value>Default 8 s.</value>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(DefaultMaxDelaySeconds);

    /// <summary>
    /// The longest wait that an upstream may ask for; a longer one is not waited for but handed to the caller, who may have
    /// another upstream to try.
    /// </summary>
    /// <value>Default 5 s.</value>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(DefaultMaxRetryAfterSeconds);
}
