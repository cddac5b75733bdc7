using System.Text;
using System.Text.Json.Nodes;

namespace OrleansChat.GatewayApi.Tests.Fuzzing;

/// <summary>Requests that are almost right: known routes and fields, with values, shapes and bytes that are not.</summary>
internal sealed class FuzzedRequests(Random random, string session)
{
    private static readonly (string Method, string Path, string Body)[] Good =
    [
        ("POST", "/api/sessions", """{"title":"a","model":"default","systemPrompt":"b","collections":["docs"],"budgetUsd":1,"ttlMinutes":5}"""),
        ("GET", "/api/sessions?limit=5&cursor=&query=a", ""),
        ("GET", "/api/sessions/{session}?tree=true", ""),
        ("PATCH", "/api/sessions/{session}", """{"title":"a","model":"default","collections":[]}"""),
        ("GET", "/api/sessions/{session}/export?format=markdown", ""),
        ("POST", "/api/sessions/{session}/turns", """{"message":"hello","clientTurnId":"x","parentMessageId":"root","model":"default"}"""),
        ("GET", "/api/sessions/{session}/turns/none/events?after=1", ""),
        ("POST", "/api/sessions/{session}/turns/none/cancel", ""),
        ("POST", "/api/sessions/{session}/turns/none/regenerate", """{"model":"default"}"""),
        ("GET", "/chat/ws/a/b", ""),
        ("POST", "/chat", """{"api_version":"v2","message":"hello","session_id":"s1","optimization_hints":{"prefer":"cost","model":"default"}}"""),
        ("POST", "/v1/chat/completions", """{"model":"default","messages":[{"role":"user","content":[{"type":"text","text":"hello"}]}],"stream":true,"stream_options":{"include_usage":true},"max_tokens":5,"n":1,"tools":[]}"""),
        ("POST", "/v1/messages", """{"model":"default","max_tokens":5,"system":[{"type":"text","text":"brief"}],"messages":[{"role":"user","content":[{"type":"text","text":"hello"}]}],"stream":true,"tools":[]}"""),
        ("POST", "/v1/messages/count_tokens", """{"model":"default","messages":[{"role":"user","content":"hello"}],"tool_choice":{"type":"auto"}}"""),
        ("POST", "/v1/responses", """{"model":"default","input":[{"role":"user","content":[{"type":"input_text","text":"hello"}]}],"store":true,"text":{"format":{"type":"text"}},"tools":[]}"""),
        ("GET", "/v1/responses/resp_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", ""),
        ("POST", "/v1/embeddings", """{"model":"builtin/hashing","input":["hello",""],"encoding_format":"base64","dimensions":256}"""),
        ("GET", "/v1/models/default", ""),
        ("PUT", "/api/collections/docs", """{"embeddingModel":"builtin/hashing","chunker":"auto"}"""),
        ("POST", "/api/collections/docs/documents", """{"documents":[{"id":"a","text":"hello world","title":"t","path":"p.md","kind":"markdown","metadata":{"n":1,"list":["a",2]}}]}"""),
        ("DELETE", "/api/collections/docs/documents/a%2Fb", ""),
        ("POST", "/api/search", """{"query":"hello","collection":"docs","limit":3,"mode":"hybrid","filter":{"and":[{"field":"n","range":{"gte":1}},{"not":{"field":"list","in":["a"]}}]},"rerank":false}"""),
        ("GET", "/api/usage?groupBy=day&from=2030-01-01&to=2031-01-01", ""),
        ("GET", "/api/limits", ""),
        ("POST", "/api/breakers/none/trip", ""),
        ("POST", "/api/breakers/builtin/reset", ""),
        ("GET", "/openapi/v1.json", ""),
        ("GET", "/health", ""),
    ];

    private static readonly string[] Odd =
    [
        "null", "true", "0", "-1", "1e400", "9223372036854775808", "0.1", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "\"default\"", "[]", "{}", "[[[]]]",
        "[null]", "{\"a\":{}}", "\"../../etc\"", "\"%00\"", "{\"\\udc00\":1}", "\"docs\"",
    ];

    public (string Method, string Path, byte[]? Body, string? ContentType) Next()
    {
        var (method, path, body) = Good[random.Next(Good.Length)];
        path = path.Replace("{session}", session, StringComparison.Ordinal);
        if (random.Next(4) == 0)
            path = OddPath(path);
        if (random.Next(20) == 0)
            method = (string[])["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"] is var methods ? methods[random.Next(methods.Length)] : method;
        if (body.Length == 0 && random.Next(4) != 0)
            return (method, path, null, null);
        var type = random.Next(10) switch
        {
            0 => "text/plain",
            1 => null,
            2 => "application/json; charset=latin1",
            3 => "application/vnd.x+json",
            _ => "application/json",
        };
        return (method, path, Bytes(body), type);
    }

    private byte[] Bytes(string body) => random.Next(8) switch
    {
        0 => Encoding.UTF8.GetBytes(body)[..random.Next(body.Length + 1)],
        1 => Flip(Encoding.UTF8.GetBytes(body)),
        2 => [.. Enumerable.Range(0, random.Next(200)).Select(_ => (byte)random.Next(256))],
        3 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", random.Next(1, 500)))),
        4 => Encoding.UTF8.GetBytes($"{{\"message\":\"{new string('x', random.Next(100_000))}\"}}"),
        _ => Encoding.UTF8.GetBytes(Mutated(body)),
    };

    private byte[] Flip(byte[] bytes)
    {
        for (var i = 0; i < 3 && bytes.Length > 0; i++)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    /// <summary>The body with one value, anywhere in it, replaced by an odd one.</summary>
    private string Mutated(string body)
    {
        if (body.Length == 0)
            return Odd[random.Next(Odd.Length)];

        const string Mark = "\"@@\"";
        var root = JsonNode.Parse(body)!.AsObject();
        JsonNode node = root;
        while (true)
        {
            if (node is JsonObject { Count: > 0 } obj)
            {
                var name = obj.ElementAt(random.Next(obj.Count)).Key;
                if (obj[name] is (JsonObject { Count: > 0 } or JsonArray { Count: > 0 }) and { } inner && random.Next(3) > 0)
                {
                    node = inner;
                    continue;
                }

                obj[name] = "@@";
                break;
            }

            var array = node.AsArray();
            var index = random.Next(array.Count);
            if (array[index] is (JsonObject { Count: > 0 } or JsonArray { Count: > 0 }) and { } item && random.Next(3) > 0)
            {
                node = item;
                continue;
            }

            array[index] = "@@";
            break;
        }

        return root.ToJsonString().Replace(Mark, Odd[random.Next(Odd.Length)], StringComparison.Ordinal);
    }

    private string OddPath(string path)
    {
        string[] segments = ["%01", "..%2f..%2fetc", "%ff", "a%20b", new('x', 300), "%F0%9F%98%80", "null", "-1", "'%22"];
        var segment = segments[random.Next(segments.Length)];
        return random.Next(3) switch
        {
            0 => path.Replace(session, segment, StringComparison.Ordinal),
            1 => path.Contains('?', StringComparison.Ordinal) ? path[..(path.LastIndexOf('=') + 1)] + segment : $"{path}?limit={segment}&after={segment}&tree={segment}",
            _ => path[..(path.LastIndexOf('/') + 1)] + segment,
        };
    }
}
