// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using Microsoft.AspNetCore.Http;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Security;

/// <summary>Headers that keep a browser from making more of an answer than it is. A page that needs more sets its own policy.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string Year = "max-age=31536000";

    public Task InvokeAsync(HttpContext context)
    {
        Add(context);
        return IsAmbiguous(context.Request) ? throw Ambiguous(context) : next(context);
    }

    /// <summary>Adds the headers to a response.</summary>
    public static void Add(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = Year;
    }

    // RFC 9112, 6.3: a length beside a transfer encoding may be an attempt to smuggle a request past a proxy. Kestrel goes by the encoding and keeps
    // the length under another name.
    private static bool IsAmbiguous(HttpRequest request) => request.Headers.ContainsKey("X-Content-Length") && request.Headers.TransferEncoding.Count > 0;

    private static BadHttpRequestException Ambiguous(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        return new BadHttpRequestException("The request has both a Content-Length and a Transfer-Encoding.");
    }
}
