using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Providers.Http;

/// <summary>A request to an upstream, already serialised so that every attempt sends the same bytes.</summary>
/// <param name="Path">Path below the upstream's base URL, with a leading slash.</param>
/// <param name="Body">The JSON body.</param>
/// <param name="IsStream">Whether server-sent events are asked for.</param>
public sealed record UpstreamRequest(string Path, ReadOnlyMemory<byte> Body, bool IsStream)
{
    /// <summary>Default of <see cref="MaxAnswerBytes"/>: far beyond any answer, and within a server's memory.</summary>
    public const long DefaultMaxAnswerBytes = 256 * 1024 * 1024;

    /// <summary>An answer longer than this, in bytes, is a broken one.</summary>
    /// <value>Default 256 MB.</value>
    public long MaxAnswerBytes { get; init; } = DefaultMaxAnswerBytes;

    /// <summary>Headers of this request alone; one of the same name replaces the upstream's own.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Told whether the body has gone out; null for nobody.</summary>
    public PromptDelivery? Prompt { get; init; }

    /// <summary>Whether any byte received counts as a token. Otherwise the reader says so, and comment lines do not.</summary>
    public bool CountsBytesAsTokens { get; init; } = true;

    /// <summary>What a call's options say is to be told when its prompt goes out; null for nothing.</summary>
    internal static PromptDelivery? PromptOf(ChatOptions? options) => options?.AdditionalProperties?.GetValueOrDefault(PromptDelivery.Property) as PromptDelivery;
}
