using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace OrleansChat.Deploy.Tests.Qdrant;

/// <summary>
/// What a backup needs of Qdrant's REST interface (its <c>openapi/openapi-snapshots.ytt.yaml</c> and <c>openapi-collections.ytt.yaml</c>), over a real socket. It writes down every call.
/// </summary>
internal sealed class FakeQdrant : IAsyncDisposable
{
    public const string Key = "key-of-the-fake";

    private readonly WebApplication _application;
    private readonly ConcurrentQueue<string> _calls = new();

    private FakeQdrant(WebApplication application) => _application = application;

    /// <summary>Collections by their aliases.</summary>
    public ConcurrentDictionary<string, string> Aliases { get; } = new();

    /// <summary>What each collection holds, as its snapshot has it.</summary>
    public ConcurrentDictionary<string, byte[]> Collections { get; } = new();

    /// <summary>Snapshots that lie on the server.</summary>
    public ConcurrentDictionary<string, byte[]> Snapshots { get; } = new();

    /// <summary>Answers a call instead of the fake with this status, if it is not null.</summary>
    public Func<string, int?> Fault { get; set; } = static _ => null;

    /// <summary>What a snapshot becomes on its way.</summary>
    public Func<byte[], byte[]> Way { get; set; } = static bytes => bytes;

    /// <summary>Whether answers name no checksum, as those of older servers.</summary>
    public bool IsOld { get; set; }

    public string Url => _application.Urls.Single();

    /// <summary>Every call so far, as method and target.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    public static async Task<FakeQdrant> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var fake = new FakeQdrant(application);
        application.Run(fake.AnswerAsync);
        await application.StartAsync();
        return fake;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static string Sum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static Task ResultAsync(HttpContext context, string result)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"result":{{result}},"status":"ok","time":0.002}""");
    }

    private static Task RefuseAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync($$"""{"status":{"error":"{{error}}"},"time":0.001}""");
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var call = $"{request.Method} {request.Path}{request.QueryString}";
        _calls.Enqueue(call);
        if (request.Headers["api-key"] != Key)
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Must provide an API key or an Authorization bearer token");
        else if (Fault(call) is { } status)
            await RefuseAsync(context, status, "No space left on device");
        else
            await AnswerAsync(context, request.Method, request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries));
    }

    private async Task AnswerAsync(HttpContext context, string method, string[] path)
    {
        switch (method, path)
        {
            case ("GET", ["aliases"]):
                var all = Aliases.Select(static alias => $$"""{"alias_name":"{{alias.Key}}","collection_name":"{{alias.Value}}"}""");
                await ResultAsync(context, $$"""{"aliases":[{{string.Join(',', all)}}]}""");
                break;
            case ("POST", ["collections", var collection, "snapshots"]):
                var name = $"{collection}-3766212330831337-2026-08-04-11-48-45.snapshot";
                var taken = Snapshots[name] = Collections[collection];
                var sum = IsOld ? "" : $",\"checksum\":\"{Sum(taken)}\"";
                await ResultAsync(context, $$"""{"name":"{{name}}","creation_time":"2026-08-04T11:48:45","size":{{taken.Length}}{{sum}}}""");
                break;
            case ("GET", ["collections", _, "snapshots", var snapshot]):
                context.Response.ContentType = "application/octet-stream";
                await context.Response.Body.WriteAsync(Way(Snapshots[snapshot]));
                break;
            case ("DELETE", ["collections", _, "snapshots", var snapshot]):
                await ResultAsync(context, Snapshots.TryRemove(snapshot, out _) ? "true" : "false");
                break;
            case ("POST", ["collections", var collection, "snapshots", "upload"]):
                await TakeAsync(context, collection);
                break;
            case ("POST", ["collections", "aliases"]):
                var change = await System.Text.Json.JsonSerializer.DeserializeAsync<AliasChange>(context.Request.Body, System.Text.Json.JsonSerializerOptions.Web);
                foreach (var action in change!.Actions)
                    Aliases[action.Create_alias.Alias_name] = action.Create_alias.Collection_name;
                await ResultAsync(context, "true");
                break;
            default:
                await RefuseAsync(context, StatusCodes.Status404NotFound, "Not found");
                break;
        }
    }

    private async Task TakeAsync(HttpContext context, string collection)
    {
        var file = (await context.Request.ReadFormAsync()).Files["snapshot"]!;
        using var content = new MemoryStream();
        await file.CopyToAsync(content);
        if (context.Request.Query["checksum"] != Sum(content.ToArray()))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "Snapshot checksum mismatch");
            return;
        }

        Collections[collection] = content.ToArray();
        await ResultAsync(context, "true");
    }

    private sealed record AliasChange(IReadOnlyList<AliasAction> Actions);

    private sealed record AliasAction(AliasName Create_alias);

    private sealed record AliasName(string Alias_name, string Collection_name);
}
