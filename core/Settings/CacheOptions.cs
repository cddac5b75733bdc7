using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>The response cache, for the keys and models that opt in.</summary>
public sealed record CacheOptions
{
    /// <summary>How long an answer may be given.</summary>
    /// <value>The default is one hour.</value>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes of the largest answer that is kept.</summary>
    /// <value>The default is 1 MiB.</value>
    [Range(0, 8 * 1024 * 1024)]
    public int MaxAnswerBytes { get; init; } = 1024 * 1024;
}
