namespace OrleansChat.Providers.Http;

/// <summary>A request to an upstream, already serialised so that every attempt sends the same bytes.</summary>
/// <param name="Path">Path below the upstream's base URL, with a leading slash.</param>
/// <param name="Body">The JSON body.</param>
/// <param name="IsStream">Whether server-sent events are asked for.</param>
public sealed record UpstreamRequest(string Path, ReadOnlyMemory<byte> Body, bool IsStream)
{
    /// <summary>Whether any byte received counts as a token. Otherwise the reader says so, and comment lines do not.</summary>
    public bool CountsBytesAsTokens { get; init; } = true;
}
