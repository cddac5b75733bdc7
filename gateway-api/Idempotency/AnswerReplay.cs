using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;
using OrleansChat.GatewayApi.OpenAI;

namespace OrleansChat.GatewayApi.Idempotency;

/// <summary>Writes an answer that another request makes, or has made.</summary>
internal static class AnswerReplay
{
    /// <summary>The response's header that marks a repeated or joined answer.</summary>
    public const string Header = "Idempotent-Replayed";

    private const string EventStream = "text/event-stream";

    /// <summary>Writes the answer from its beginning to its end.</summary>
    /// <returns>Whether there was one; if not, the operation is to be begun again.</returns>
    /// <exception cref="OrleansChatException">The answer failed, before it began or after: then the cut connection tells the client that it is not whole.</exception>
    public static async Task<bool> WriteAsync(HttpContext context, IIdempotencyActor actor, string id)
    {
        long written = 0;
        while (true)
        {
            var before = written;
            await foreach (var part in actor.ReadAsync(id, written, context.RequestAborted))
            {
                Begin(context, part.Head);
                if (part.End is AnswerEnd.None)
                {
                    await context.Response.Body.WriteAsync(part.Bytes, context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    written += part.Bytes.Length;
                }
                else
                {
                    return End(context, part, written);
                }
            }

            // The activation ended under the reader. Where the next one brings nothing either, the operation is asked for anew.
            if (written == 0 && before == 0)
                return false;
        }
    }

    private static void Begin(HttpContext context, AnswerHead? head)
    {
        if (head is null || context.Response.HasStarted || context.Response.Headers.ContainsKey(Header))
            return;

        context.Response.StatusCode = head.Status;
        context.Response.Headers[Header] = "true";
        if (head.ContentType?.StartsWith(EventStream, StringComparison.OrdinalIgnoreCase) is true)
            CompletionHeaders.SetStream(context, head.ContentType);
        else
            context.Response.ContentType = head.ContentType;
    }

    private static bool End(HttpContext context, AnswerPart end, long written)
    {
        if (end.End is AnswerEnd.Whole)
            return true;
        if (written == 0 && end.End is AnswerEnd.Lost or AnswerEnd.TooLarge)
        {
            context.Response.Headers.Remove(Header);
            return false;
        }

        if (written == 0)
            context.Response.Headers.Remove(Header);

        // As with the request that made it: what is written is sent, and then the connection is cut.
        throw new OrleansChatException(end.Failure ?? Problem.Of(ProblemCode.UpstreamError, "The answer that this request joined broke off.", "Send it again."));
    }
}
