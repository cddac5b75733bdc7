using System.Net.Http.Headers;

namespace OrleansChat.Providers.Http;

/// <summary>
/// A successful answer of an upstream whose body is still on its way. Dispose it to end the call: an answer not read to its end
/// closes the connection, which stops the upstream.
/// </summary>
public sealed class UpstreamStream : IAsyncDisposable
{
    private const int DrainMilliseconds = 200;
    private const string Json = "application/json";

    private readonly HttpResponseMessage _response;
    private readonly UpstreamDeadline _deadline;
    private readonly Stream _body;
    private readonly UpstreamBodyStream _timedBody;

    internal UpstreamStream(HttpResponseMessage response, Stream body, UpstreamDeadline deadline, UpstreamFaults faults, UpstreamRequest request)
    {
        _response = response;
        _deadline = deadline;
        _body = body;
        _timedBody = new UpstreamBodyStream(body, deadline, faults, request);
        Status = (int)response.StatusCode;
        Length = response.Content.Headers.ContentLength;
        (ContentType, MediaType) = TypeOf(response.Content.Headers);
        UpstreamId = faults.UpstreamId;
    }

    /// <summary>The upstream's id.</summary>
    public string UpstreamId { get; }

    /// <summary>HTTP status, 200 to 299; any other became an exception.</summary>
    public int Status { get; }

    /// <summary>The content type with its parameters; null if the upstream sent none.</summary>
    public string? ContentType { get; }

    /// <summary>The content type without parameters.</summary>
    public string? MediaType { get; }

    /// <summary>The body's length in bytes; null if the upstream does not say.</summary>
    public long? Length { get; }

    /// <summary>The upstream's own id of the request, for asking its operator; null if it sent none.</summary>
    public string? RequestId =>
        _response.Headers.TryGetValues("x-request-id", out var ids) || _response.Headers.TryGetValues("request-id", out ids) ? ids.FirstOrDefault() : null;

    /// <summary>How long ago the call began.</summary>
    public TimeSpan Age => _deadline.Age;

    /// <summary>
    /// The body. Asynchronous reads only; they end with the upstream's timeouts, and a broken connection is an upstream's error,
    /// never a short body.
    /// </summary>
    public Stream Body => _timedBody;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        await Body.DisposeAsync();
        _deadline.Dispose();
    }

    /// <summary>
    /// Reads what little may follow the end of the content, so that the connection can serve another call; gives up soon, since
    /// nobody needs those bytes.
    /// </summary>
    /// <returns>A task; it does not fail.</returns>
    public async ValueTask DrainAsync()
    {
        using var limit = _deadline.After(TimeSpan.FromMilliseconds(DrainMilliseconds));
        var rest = new byte[512];
        try
        {
            while (await _body.ReadAsync(rest, limit.Token) > 0)
            {
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or HttpRequestException)
        {
            // The connection is closed instead of kept.
        }
    }

    /// <summary>Whether any byte received counts as a token; otherwise <see cref="SeeToken"/> says so.</summary>
    /// <value>As the request says, until it is set.</value>
    public bool CountsBytesAsTokens
    {
        get => _timedBody.CountsBytesAsTokens;
        set => _timedBody.CountsBytesAsTokens = value;
    }

    /// <summary>Tells the clocks that a token came, when bytes alone do not count as one.</summary>
    public void SeeToken() => _deadline.SeeToken();

    private static (string? Whole, string? MediaType) TypeOf(HttpContentHeaders headers)
    {
        // The usual one needs no parser.
        if (headers.NonValidated.TryGetValues("Content-Type", out var values) && values.Count == 1 && values.ToString() is Json)
            return (Json, Json);
        return (headers.ContentType?.ToString(), headers.ContentType?.MediaType);
    }
}
