namespace OrleansChat.GatewayApi.OpenApi;

/// <summary>A body for each route that takes one, as it can be sent to a server that was just started; a migration names a model of an upstream that has to be configured first.</summary>
internal static class ApiExamples
{
    /// <summary>Bodies by method and path.</summary>
    public static IReadOnlyDictionary<string, string> Requests { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["POST /api/sessions"] = """{"title":"First look","collections":["docs"]}""",
        ["POST /api/sessions/import"] =
            """{"title":"Moved","messages":[{"id":"m1","role":"user","content":"Hello","createdAt":"2030-01-01T12:00:00Z"}],"activeMessageId":"m1"}""",
        ["PATCH /api/sessions/{id}"] = """{"title":"Another title"}""",
        ["POST /api/sessions/{id}/turns"] = """{"message":"Who owns contended state?"}""",
        ["POST /api/sessions/{id}/turns/{turnId}/regenerate"] = """{"model":"default"}""",
        ["POST /chat"] = """{"api_version":"v1","message":"Hello","session_id":"first"}""",
        ["POST /v1/chat/completions"] = """{"model":"default","messages":[{"role":"user","content":"Hello"}]}""",
        ["POST /v1/embeddings"] = """{"model":"builtin/hashing","input":["An actor owns contended state."]}""",
        ["POST /v1/responses"] = """{"model":"default","input":"Hello"}""",
        ["POST /v1/messages"] = """{"model":"default","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}""",
        ["POST /v1/messages/count_tokens"] = """{"model":"default","messages":[{"role":"user","content":"Hello"}]}""",
        ["PUT /api/collections/{name}"] = """{"embeddingModel":"builtin/hashing"}""",
        ["POST /api/collections/{name}/documents"] = """{"documents":[{"id":"a","text":"An actor owns contended state.","title":"Actors"}]}""",
        ["POST /api/collections/{name}/migrations"] = """{"embeddingModel":"openai/text-embedding-3-small"}""",
        ["POST /api/search"] = """{"query":"contended state","collection":"docs","limit":3}""",
        ["POST /api/find-code"] = """{"query":"where settings are read","collection":"docs","limit":3}""",
        ["POST /api/keys"] = """{"id":"ci","models":["default"],"budget":{"usd":20,"window":"month"}}""",
        ["PATCH /api/keys/{id}"] = """{"limits":{"requestsPerMinute":60},"budget":{"usd":30,"window":"month"}}""",
        ["POST /api/keys/{id}/rotate"] = """{"overlapSeconds":3600}""",
        ["POST /api/budgets/{scope}/top-up"] = """{"usd":5,"operationId":"invoice-2030-01"}""",
    };
}
