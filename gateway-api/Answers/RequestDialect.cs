using Microsoft.AspNetCore.Http;
using OrleansChat.GatewayApi.Anthropic;

namespace OrleansChat.GatewayApi.Answers;

/// <summary>What decides about an answer beside the body: the route, and the headers and the query that upstreams are passed.</summary>
internal static class RequestDialect
{
    /// <summary>Describes a request.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The route, and after it what was found; the same text for the same dialect.</returns>
    public static string Of(HttpRequest request)
    {
        var passed = AnthropicHeaders.ToPass(request);
        var isBeta = AnthropicHeaders.IsBeta(request);
        return passed.Count == 0 && !isBeta
            ? request.Path
            : string.Join('\n', [request.Path, isBeta ? "beta" : "", .. passed.Select(header => $"{header.Key}: {header.Value}")]);
    }
}
