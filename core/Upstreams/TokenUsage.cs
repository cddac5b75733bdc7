using System.Text.Json.Serialization;

namespace OrleansChat.Core.Upstreams;

/// <summary>Tokens of one upstream call.</summary>
/// <param name="InputTokens">Tokens of the prompt, cached ones included.</param>
/// <param name="OutputTokens">Tokens of the answer, reasoning included.</param>
/// <param name="Estimated">Whether they were counted here because the upstream gave no usage.</param>
public sealed record TokenUsage(long InputTokens, long OutputTokens, bool Estimated = false)
{
    /// <summary>Nothing used.</summary>
    public static readonly TokenUsage Zero = new(0, 0);

    /// <summary>The part of <see cref="InputTokens"/> that the upstream read from its cache.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long CachedInputTokens { get; init; }

    /// <summary>The part of <see cref="InputTokens"/> that the upstream wrote to its cache, where it counts that.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long CacheWriteInputTokens { get; init; }

    /// <summary>The part of <see cref="OutputTokens"/> that was reasoning.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ReasoningTokens { get; init; }

    /// <summary>Input and output together.</summary>
    [JsonIgnore]
    public long TotalTokens => InputTokens + OutputTokens;
}
