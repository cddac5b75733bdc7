using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.Azure;

/// <summary>
/// Where Azure OpenAI takes OpenAI's requests: the key in <c>api-key</c>, and either the resource's <c>/openai/v1</c>, which reads the
/// deployment from the body's <c>model</c>, or a path for each deployment with an <c>api-version</c>.
/// </summary>
/// <remarks>https://learn.microsoft.com/azure/ai-foundry/openai/reference and the same site's page on the v1 API's life cycle.</remarks>
internal static class AzureAddress
{
    /// <summary>The deployments' last version that is not a preview.</summary>
    public const string DefaultVersion = "2024-10-21";

    private const string VersionPath = "/v1";

    /// <summary>The endpoint, addressed as Azure wants it.</summary>
    public static UpstreamEndpoint Of(UpstreamEndpoint endpoint, UpstreamOptions options)
    {
        var isV1 = endpoint.BaseUrl.AbsolutePath.TrimEnd('/').EndsWith(VersionPath, StringComparison.OrdinalIgnoreCase);
        return endpoint with
        {
            KeyPlacement = UpstreamKeyPlacement.ApiKey,
            Route = isV1
                ? request => request.Path + (options.ApiVersion is { } version ? Query(version) : "")
                : request => $"{Prefix(endpoint)}/deployments/{Uri.EscapeDataString(ModelOf(request.Body.Span))}{request.Path}{Query(options.ApiVersion ?? DefaultVersion)}",
        };
    }

    private static string Query(string version) => $"?api-version={version}";

    /// <summary>The resource's address is given with or without <c>/openai</c>.</summary>
    private static string Prefix(UpstreamEndpoint endpoint)
        => endpoint.BaseUrl.AbsolutePath.TrimEnd('/').EndsWith("/openai", StringComparison.OrdinalIgnoreCase) ? "" : "/openai";

    /// <summary>The body's model, which every writer of this product puts first, so that no more than that is read.</summary>
    private static string ModelOf(ReadOnlySpan<byte> body)
    {
        var json = new Utf8JsonReader(body);
        json.Read();
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            var isModel = json.ValueTextEquals("model"u8);
            json.Read();
            if (isModel && json.TokenType is JsonTokenType.String)
                return json.GetString()!;
            json.Skip();
        }

        return "";
    }
}
