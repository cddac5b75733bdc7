namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>What a key owns, each with all that has an id of its own.</summary>
/// <param name="Session">A session with a turn.</param>
/// <param name="Turn">The turn.</param>
/// <param name="Response">A kept response of <c>/v1/responses</c>.</param>
/// <param name="McpSession">An open session of <c>/mcp</c>.</param>
internal sealed record OwnedThing(string Session, string Turn, string Response, string McpSession)
{
    /// <summary>In all that its owner writes, so that it is known where it leaks.</summary>
    public const string Marker = "heffalump";

    private const int ResponsePrefix = 5;
    private const int GuidLength = 32;

    /// <summary>What looks the same and is not there.</summary>
    public static OwnedThing Absent { get; } = new(
        Guid.CreateVersion7().ToString(), Guid.CreateVersion7().ToString(), $"resp_{Guid.CreateVersion7():N}{Guid.NewGuid():N}", new string('0', 48));

    /// <summary>The session that keeps the response.</summary>
    public string ResponseSession => Guid.ParseExact(Response.AsSpan(ResponsePrefix, GuidLength), "N").ToString();

    /// <summary>Its ids.</summary>
    public IEnumerable<string> Ids => [Session, Turn, Response, ResponseSession, McpSession];
}
