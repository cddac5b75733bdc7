using Microsoft.AspNetCore.Http;

namespace OrleansChat.Bench.Overhead;

/// <summary>The least that a gateway can do: Kestrel to <see cref="HttpMessageInvoker"/> and back, nothing else.</summary>
internal static class BareForwarder
{
    public static async Task<int> RunAsync(string upstream)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        return await InstantUpstream.ListenAsync(context => ForwardAsync(http, upstream, context));
    }

    private static async Task ForwardAsync(HttpMessageInvoker http, string upstream, HttpContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, upstream + context.Request.Path) { Content = new StreamContent(context.Request.Body) };
        request.Content.Headers.ContentLength = context.Request.ContentLength;
        request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        request.Headers.TryAddWithoutValidation("Authorization", context.Request.Headers.Authorization.ToString());
        using var response = await http.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        context.Response.ContentLength = response.Content.Headers.ContentLength;
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
