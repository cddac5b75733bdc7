using OrleansChat.Core.Settings;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.Anthropic;

/// <summary>Where Anthropic's API is and what every request to it carries: the key in <c>x-api-key</c>, and <c>anthropic-version</c>.</summary>
/// <remarks>https://docs.anthropic.com/en/api/versioning.</remarks>
internal static class AnthropicAddress
{
    /// <summary>The version whose messages this product reads and writes.</summary>
    public const string DefaultVersion = "2023-06-01";

    private const string VersionPath = "/v1";

    /// <summary>The endpoint, addressed as Anthropic wants it. The base URL may have its <c>/v1</c>, or lack it as in Anthropic's own clients.</summary>
    public static UpstreamEndpoint Of(UpstreamEndpoint endpoint, UpstreamOptions options)
    {
        var hasVersion = endpoint.BaseUrl.AbsolutePath.TrimEnd('/').EndsWith(VersionPath, StringComparison.OrdinalIgnoreCase);
        return endpoint with
        {
            KeyPlacement = UpstreamKeyPlacement.XApiKey,
            Route = hasVersion ? null : request => VersionPath + request.Path,
            Headers = [.. endpoint.Headers, new("anthropic-version", options.ApiVersion ?? DefaultVersion)],
        };
    }
}
