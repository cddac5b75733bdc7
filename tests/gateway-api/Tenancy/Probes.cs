namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>The ids that a request names.</summary>
/// <param name="Session">A session.</param>
/// <param name="Turn">A turn.</param>
/// <param name="Message">A message.</param>
/// <param name="Response">A response.</param>
internal sealed record NamedIds(string Session, string Turn, string Message, string Response)
{
    /// <summary>Ids of the same form that were never given. The place that a message's id encodes stays the same, so that it leads as far.</summary>
    public NamedIds Absent() => new(
        Guid.TryParse(Session, out _) ? Guid.CreateVersion7().ToString() : Session.Replace('o', '0'),
        WithOtherEnd(Turn),
        WithOtherEnd(Message),
        $"resp_{Guid.CreateVersion7():N}{Guid.NewGuid():N}");

    /// <summary>All of them, also as they are told where the first character stays escaped.</summary>
    public IEnumerable<string> All => ((string[])[Response, Message, Turn, Session]).SelectMany(id => (string[])[id, id[1..]]);

    private static string WithOtherEnd(string id) => id[..^4] + (id.EndsWith("ffff", StringComparison.Ordinal) ? "0000" : "ffff");
}

/// <summary>Every request that names something of a session's.</summary>
internal static class Probes
{
    private const string Sse = "text/event-stream";

    /// <summary>Requests that name a session, or a response, and what is in it.</summary>
    public static IEnumerable<Probe> Of(NamedIds ids)
    {
        var session = $"/api/sessions/{ids.Session}";
        return
        [
            new("GET", $"/api/limits?session={ids.Session}"),
            new("DELETE", session),
            new("PATCH", session, """{"title":"taken"}"""),
            new("PATCH", session, """{"shared":true}"""),
            new("GET", $"{session}?tree=true"),
            new("GET", $"{session}/export?format=json"),
            new("GET", $"{session}/export?format=markdown"),
            new("POST", $"{session}/turns", """{"message":"Hi"}"""),
            new("POST", $"{session}/turns", """{"message":""}"""),
            new("POST", $"{session}/turns", """{"message":"Hi","clientTurnId":"mine"}""") { Headers = [("Accept", Sse)] },
            .. In(session, ids),
            new("GET", $"/v1/responses/{ids.Response}"),
            new("GET", $"/v1/responses/{ids.Response}/input_items?order=asc"),
            new("DELETE", $"/v1/responses/{ids.Response}"),
            new("POST", "/v1/responses", $$"""{"model":"default","input":"Go on","previous_response_id":"{{ids.Response}}"}"""),
            new("POST", "/v1/responses", $$"""{"model":"default","input":"Go on","store":false,"stream":true,"previous_response_id":"{{ids.Response}}"}"""),
        ];
    }

    /// <summary>Requests that name what is in a session, by the path of that session or of another.</summary>
    public static IEnumerable<Probe> In(string session, NamedIds ids) =>
    [
        new("GET", $"{session}?limit=5&before={ids.Message}"),
        new("PATCH", session, $$"""{"activeMessageId":"{{ids.Message}}"}"""),
        new("POST", $"{session}/turns", $$"""{"message":"Hi","parentMessageId":"{{ids.Message}}"}"""),
        new("GET", $"{session}/turns/{ids.Turn}"),
        new("GET", $"{session}/turns/{ids.Turn}/events"),
        new("GET", $"{session}/turns/{ids.Turn}/events?after=99999"),
        new("GET", $"{session}/turns/{ids.Turn}/events") { Headers = [("Last-Event-ID", "1"), ("Accept", Sse)] },
        new("POST", $"{session}/turns/{ids.Turn}/cancel"),
        new("POST", $"{session}/turns/{ids.Turn}/regenerate"),
    ];

    /// <summary>A response's id whose session is one's own, and whose other half is another's.</summary>
    public static string Forged(string session, string response) => $"resp_{Guid.Parse(session):N}{response[^32..]}";
}
