using Microsoft.AspNetCore.Http;

namespace OrleansChat.GatewayApi.Answers;

/// <summary>The response's header that names the fallbacks which an answer is owed to, by the names that health and metrics use.</summary>
internal static class FallbackHeader
{
    /// <summary>The header's name.</summary>
    public const string Name = "x-orleanschat-fallback";

    /// <summary>Names one more, once. The response must not have begun.</summary>
    public static void Add(HttpContext context, string fallback)
    {
        var headers = context.Response.Headers;
        if (!headers.GetCommaSeparatedValues(Name).Contains(fallback, StringComparer.Ordinal))
            headers.AppendCommaSeparatedValues(Name, fallback);
    }

    /// <summary>Names several more; none for null.</summary>
    public static void Add(HttpContext context, IReadOnlyList<string>? fallbacks)
    {
        foreach (var fallback in fallbacks ?? [])
            Add(context, fallback);
    }
}
