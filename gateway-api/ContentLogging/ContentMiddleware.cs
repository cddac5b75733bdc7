using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.ContentLogging;
using OrleansChat.Core.Keys;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.ContentLogging;

/// <summary>
/// Logs bodies of stateless calls, as they came and went, for keys that ask for it. Turns are logged where they run, by whichever route they were asked for.
/// Requests of all other keys pass untouched.
/// </summary>
internal sealed class ContentMiddleware(RequestDelegate next, ContentLog content)
{
    public Task InvokeAsync(HttpContext context)
    {
        var route = context.GetEndpoint()?.Metadata.GetMetadata<LoggedContent>();
        return route is not null && context.Features.Get<ApiKey>() is { } key && content.IsOn(key) ? LogAsync(context, route, key) : next(context);
    }

    private async Task LogAsync(HttpContext context, LoggedContent route, ApiKey key)
    {
        var name = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimEnd('/') ?? "";
        var subject = new ContentSubject(name, context.TraceIdentifier);
        var body = await JsonBody.ReadBytesAsync(context);
        content.Asked(key, subject, Encoding.UTF8.GetString(body.Span));
        context.Request.Body = new MemoryStream(body.ToArray(), writable: false);
        if (!route.WithAnswer)
        {
            await next(context);
            return;
        }

        var answer = new ArrayBufferWriter<byte>();
        var inner = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var recording = new StreamResponseBodyFeature(new RecordingStream(inner.Stream, Record, CancellationToken.None), inner);
        context.Features.Set<IHttpResponseBodyFeature>(recording);
        try
        {
            await next(context);
            await recording.CompleteAsync();
        }
        finally
        {
            context.Features.Set(inner);
            content.Answered(key, subject, Encoding.UTF8.GetString(answer.WrittenSpan));
        }

        // More than a line holds: bytes of one character are at most four.
        void Record(ReadOnlyMemory<byte> bytes)
        {
            if (answer.WrittenCount < 4 * ContentLog.MostCharacters)
                answer.Write(bytes.Span);
        }
    }
}

/// <summary>Marks an endpoint whose bodies hold what users write and models answer.</summary>
/// <param name="WithAnswer">Whether the answer does.</param>
internal sealed record LoggedContent(bool WithAnswer = true);

/// <summary>Conventions of endpoints about content.</summary>
internal static class ContentConventions
{
    /// <summary>The endpoint's bodies hold content.</summary>
    public static TBuilder HoldsContent<TBuilder>(this TBuilder builder, bool withAnswer = true)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new LoggedContent(withAnswer));
}
