namespace OrleansChat.GatewayApi.OpenApi;

/// <summary>A body for each route that takes one, as it can be sent to a server that was just started.</summary>
internal static class ApiExamples
{
    /// <summary>Bodies by method and path.</summary>
    public static IReadOnlyDictionary<string, string> Requests { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["POST /api/sessions"] = """{"title":"First look","collections":["docs"]}""",
        ["PATCH /api/sessions/{id}"] = """{"title":"Another title"}""",
        ["POST /api/sessions/{id}/turns"] = """{"message":"Who owns contended state?"}""",
        ["POST /chat"] = """{"api_version":"v1","message":"Hello","session_id":"first"}""",
        ["POST /v1/chat/completions"] = """{"model":"default","messages":[{"role":"user","content":"Hello"}]}""",
        ["POST /v1/messages"] = """{"model":"default","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}""",
        ["PUT /api/collections/{name}"] = """{"embeddingModel":"builtin/hashing"}""",
        ["POST /api/collections/{name}/documents"] = """{"documents":[{"id":"a","text":"An actor owns contended state.","title":"Actors"}]}""",
        ["POST /api/search"] = """{"query":"contended state","collection":"docs","limit":3}""",
        ["POST /api/keys"] = """{"id":"ci","models":["default"],"budget":{"usd":20,"window":"month"}}""",
    };
}
