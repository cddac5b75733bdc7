namespace OrleansChat.GatewayApi.Responses;

/// <summary>The id of a response: it names the session that keeps it, so that no index is needed to find it.</summary>
/// <param name="SessionId">The session's id, a UUID.</param>
/// <param name="Own">What sets the response apart within it, 32 hexadecimal digits.</param>
internal sealed record ResponseId(string SessionId, string Own)
{
    private const string Prefix = "resp_";
    private const int GuidLength = 32;

    /// <summary>An id for a new response of a session.</summary>
    public static ResponseId New(string sessionId) => new(sessionId, Guid.NewGuid().ToString("N"));

    /// <summary>Reads an id.</summary>
    /// <returns>The id; null for a text that is none.</returns>
    public static ResponseId? Parse(string text) =>
        text.Length == Prefix.Length + (2 * GuidLength) && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Guid.TryParseExact(text.AsSpan(Prefix.Length, GuidLength), "N", out var session)
        && Guid.TryParseExact(text.AsSpan(Prefix.Length + GuidLength), "N", out var own)
            ? new ResponseId(session.ToString(), own.ToString("N"))
            : null;

    /// <summary>The id of an item of the response.</summary>
    /// <param name="kind">The kind of item, such as <c>msg</c>.</param>
    /// <param name="index">Its place.</param>
    public string Item(string kind, int index) => $"{kind}_{Own}{index:x4}";

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}{Guid.Parse(SessionId):N}{Own}";
}
