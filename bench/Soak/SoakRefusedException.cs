namespace OrleansChat.Bench.Soak;

/// <summary>The server has too much to do at the moment and refuses a connection, as it may on a busy machine.</summary>
/// <param name="retryAfter">When to come again, if it says so.</param>
internal sealed class SoakRefusedException(TimeSpan? retryAfter) : Exception("The server refused a connection.")
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    /// <summary>When to come again.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter ?? Usual;
}
