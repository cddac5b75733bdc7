using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OrleansChat.Testing;

/// <summary>A status, a content type and a body, sent as they are.</summary>
public sealed record StatusReply : Reply
{
    public int StatusCode { get; init; } = 200;

    public string ContentType { get; init; } = "application/json";

    public string Body { get; init; } = "";

    internal static StatusReply Error(int status, string? message, string? type, string? code) => new()
    {
        StatusCode = status,
        Body = new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["message"] = message ?? $"Scripted failure {status}.",
                ["type"] = type ?? (status < 500 ? "invalid_request_error" : "server_error"),
                ["param"] = null,
                ["code"] = code,
            },
        }.ToJsonString(),
    };

    internal override async Task RespondAsync(HttpContext context, RecordedRequest request, UpstreamBill bill)
    {
        context.Response.StatusCode = StatusCode;
        context.Response.ContentType = ContentType;
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(Body), context.RequestAborted);
    }
}
