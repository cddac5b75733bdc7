using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace OrleansChat.Bench.Overhead;

/// <summary>An upstream that answers at once and always the same, whole or as a stream of twenty pieces.</summary>
internal static class InstantUpstream
{
    private const int Pieces = 20;

    private static readonly byte[] Whole = """
        {"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"any","choices":[{"index":0,"message":{"role":"assistant","content":"One thread at a time, one activation for a key, and nothing is lost."},"finish_reason":"stop"}],"usage":{"prompt_tokens":24,"completion_tokens":17,"total_tokens":41}}
        """u8.ToArray();

    private static readonly byte[] Stream = Encoding.UTF8.GetBytes(string.Concat(
        [.. Enumerable.Range(0, Pieces).Select(i => Event($$"""{"index":0,"delta":{"content":" word{{i}}"},"finish_reason":null}""")),
         Event("""{"index":0,"delta":{},"finish_reason":"stop"}"""),
         """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"any","choices":[],"usage":{"prompt_tokens":24,"completion_tokens":20,"total_tokens":44}}""" + "\n\n",
         "data: [DONE]\n\n"]));

    public static async Task<int> RunAsync() => await ListenAsync(AnswerAsync);

    /// <summary>Listens with nothing but Kestrel, and says where.</summary>
    public static async Task<int> ListenAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var application = builder.Build();
        application.Run(answer);
        await application.StartAsync();
        Console.WriteLine($"listening on {application.Urls.Single()}");
        await application.WaitForShutdownAsync();
        return 0;
    }

    private static string Event(string choice) =>
        $"data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"any\",\"choices\":[{choice}]}}\n\n";

    /// <summary>Answers one request.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request.BodyReader;
        var isStream = false;
        while (await request.ReadAsync() is var read)
        {
            isStream |= read.IsCompleted && Encoding.UTF8.GetString(read.Buffer).Contains("\"stream\":true", StringComparison.Ordinal);
            request.AdvanceTo(read.IsCompleted ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        var answer = isStream ? Stream : Whole;
        context.Response.ContentType = isStream ? "text/event-stream" : "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }
}
