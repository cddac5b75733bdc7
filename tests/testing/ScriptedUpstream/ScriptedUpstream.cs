using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace OrleansChat.Testing;

/// <summary>
/// An OpenAI-compatible server over a real loopback socket that does what a test tells it: replies are taken from a queue, in
/// order of arrival; an empty queue answers with <see cref="Fallback"/>.
/// </summary>
/// <example>
/// <code>
/// await using var upstream = await ScriptedUpstream.StartAsync();
/// upstream.Enqueue(Reply.Text("Hello world").WithUsage(10, 2));
/// </code>
/// </example>
public sealed class ScriptedUpstream : IAsyncDisposable
{
    internal const string Prefix = "/v1";

    /// <summary>Characters beyond ASCII go out as UTF-8, as real servers send them.</summary>
    internal static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConcurrentQueue<Reply> _replies = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly Channel<RecordedRequest> _arrivals = Channel.CreateUnbounded<RecordedRequest>();
    private readonly WebApplication _application;

    private ScriptedUpstream(WebApplication application) => _application = application;

    /// <summary>The address to configure, with <c>/v1</c> and no trailing slash.</summary>
    public string BaseUrl { get; private set; } = "";

    /// <summary>The models listed at <c>/models</c>.</summary>
    public IReadOnlyList<string> Models { get; set; } = ["scripted-model"];

    /// <summary>The answer when the queue is empty. By default the last user message is echoed; embeddings always work.</summary>
    public Func<RecordedRequest, Reply> Fallback { get; set; } = Echo;

    /// <summary>Whether requests are not kept, as in a run of an hour.</summary>
    public bool ForgetsRequests { get; set; }

    /// <summary>Every request received, oldest first.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>What the server thinks it produced.</summary>
    public UpstreamBill Bill { get; } = new();

    public static async Task<ScriptedUpstream> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        // A flush ends when the bytes are with the kernel, so that a cut after k chunks never loses the k-th.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 1);
        var application = builder.Build();
        var upstream = new ScriptedUpstream(application);
        application.Run(upstream.ServeAsync);
        await application.StartAsync();
        upstream.BaseUrl = application.Urls.Single() + Prefix;
        return upstream;
    }

    public void Enqueue(params ReadOnlySpan<Reply> replies)
    {
        foreach (var reply in replies)
            _replies.Enqueue(reply);
    }

    /// <summary>The next request that no earlier call has taken, as soon as it has been read.</summary>
    public ValueTask<RecordedRequest> NextRequestAsync(CancellationToken cancellationToken = default)
        => _arrivals.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _application.Lifetime.StopApplication();
        // Clients may keep idle connections open; they are not waited for.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }

    private static Reply Echo(RecordedRequest request)
    {
        if (request.Path.EndsWith("/embeddings", StringComparison.Ordinal))
            return Reply.Embeddings();
        if (request.Body.ValueKind is not JsonValueKind.Object || !request.Body.TryGetProperty("messages", out var messages))
            return Reply.Status(400, "The body has no messages.");
        var last = messages.EnumerateArray().LastOrDefault(m => m.GetProperty("role").GetString() == "user");
        return Reply.Text(last.ValueKind is JsonValueKind.Undefined ? "" : last.GetProperty("content").ToString());
    }

    private async Task ServeAsync(HttpContext context)
    {
        var request = await RecordedRequest.ReadAsync(context);
        if (request.Method == HttpMethods.Get && request.Path == "/models")
        {
            await context.Response.WriteAsJsonAsync(ModelList());
            return;
        }

        // A test that ends with streams held open must not wait for them.
        await using var stopping = _application.Lifetime.ApplicationStopping.Register(context.Abort);
        await using var aborted = context.RequestAborted.Register(request.MarkDisconnected);
        var reply = _replies.TryDequeue(out var scripted) ? scripted : Fallback(request);
        if (!ForgetsRequests)
        {
            _requests.Enqueue(request);
            _arrivals.Writer.TryWrite(request);
        }

        try
        {
            foreach (var (name, value) in reply.Headers)
                context.Response.Headers.Append(name, value);
            await reply.RespondAsync(context, request, Bill);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        finally
        {
            // The script's own wait may see the client go before the registration does, which then never runs.
            if (context.RequestAborted.IsCancellationRequested)
                request.MarkDisconnected();
            request.MarkEnded();
        }
    }

    private JsonObject ModelList() => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. Models.Select(id => new JsonObject { ["id"] = id, ["object"] = "model", ["owned_by"] = "scripted" })]),
    };
}
