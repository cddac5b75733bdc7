using System.Text.Json.Serialization;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Admission;

/// <summary>Who asks for what.</summary>
public sealed record AdmissionRequest
{
    /// <summary>Names the operation; a repeat changes nothing.</summary>
    public required string OperationId { get; init; }

    /// <summary>
    /// Whether the operation's id was made for this request, so that no scope has ever heard of it and none need look it up. Never of an id that may be asked for
    /// again, as by a turn that is taken up after a crash.
    /// </summary>
    public bool IsNew { get; init; }

    /// <summary>The caller.</summary>
    public required ApiKey Key { get; init; }

    /// <summary>The model's id in settings.</summary>
    public required string Model { get; init; }

    /// <summary>
    /// The target, where a call of search asks for it by its own name. Settings or a collection chose it, so that it does not matter which models
    /// and upstreams the key may name.
    /// </summary>
    public UpstreamTarget? Target { get; init; }

    /// <summary>
    /// Whether the call belongs to a turn or a request that has passed the limits of key and team: they are not asked again, since such a call would wait
    /// for the place that its own request holds.
    /// </summary>
    public bool IsPartOfRequest { get; init; }

    /// <summary>The session; null for a stateless call.</summary>
    public string? SessionId { get; init; }

    /// <summary>The session's own budget; null for none.</summary>
    public Budget? SessionBudget { get; init; }

    /// <summary>An upper bound of the input tokens.</summary>
    public required long InputTokens { get; init; }

    /// <summary>
    /// The part of <see cref="InputTokens"/> that counts bytes of text, each of which is a token at most. What is set aside for it follows what
    /// the model's tokenizer was seen to make of bytes.
    /// </summary>
    public long InputBytes { get; init; }

    /// <summary>An upper bound of the output tokens: the limit that is sent upstream.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>
    /// What an answer from the cache saves, in nano-dollars; null where an upstream is to be asked. Such a request passes the limits of key, team
    /// and model, and no upstream's.
    /// </summary>
    public long? SavedNanoUsd { get; init; }

    /// <summary>The work that asks, which is told while it only waits for a limit; null where nobody counts it.</summary>
    [JsonIgnore]
    public UpstreamWait? Work { get; init; }
}
