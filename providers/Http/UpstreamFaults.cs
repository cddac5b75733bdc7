using System.Globalization;
using System.Net;
using System.Text.Json;
using OrleansChat.Core.Errors;

namespace OrleansChat.Providers.Http;

/// <summary>Turns what goes wrong on the way to one upstream into <see cref="UpstreamException"/>s, free of secrets.</summary>
internal sealed class UpstreamFaults(string upstreamId)
{
    /// <summary>OpenAI's code of a 429 that waiting does not cure.</summary>
    private const string QuotaCode = "insufficient_quota";

    /// <summary>How long an upstream is left alone whose account is empty: too long to wait, short enough to notice a payment.</summary>
    private static readonly TimeSpan QuotaCooldown = TimeSpan.FromMinutes(5);

    public string UpstreamId { get; } = upstreamId;

    /// <summary>A time limit passed.</summary>
    public UpstreamException TimedOut(UpstreamPhase phase, UpstreamTimeouts timeouts, Exception? cause = null)
        => new(UpstreamId, UpstreamFailure.Timeout, phase switch
        {
            UpstreamPhase.Connect => $"no connection within {Seconds(timeouts.Connect)} (connect timeout).",
            UpstreamPhase.FirstToken => $"no first token within {Seconds(timeouts.FirstToken)} (first-token timeout).",
            UpstreamPhase.BetweenTokens => $"no further token within {Seconds(timeouts.BetweenTokens)} (between-tokens timeout).",
            _ => $"not finished within {Seconds(timeouts.Total)} (total timeout).",
        }, cause);

    /// <summary>The request could not be sent, or no answer came back.</summary>
    public UpstreamException NotAnswered(HttpRequestException cause) => cause.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => Connection("its name could not be resolved.", cause),
        HttpRequestError.ConnectionError => Connection("no connection could be made.", cause),
        HttpRequestError.SecureConnectionError => Connection("no secure connection could be made.", cause),
        HttpRequestError.ResponseEnded => Connection("the connection was closed without an answer.", cause),
        HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse => Protocol("its answer is not HTTP.", cause),
        HttpRequestError.ConfigurationLimitExceeded => Protocol("the headers of its answer are too large.", cause),
        _ => Connection("the connection broke.", cause),
    };

    /// <summary>The answer began and broke off.</summary>
    public UpstreamException EndedEarly(Exception? cause = null) => Protocol("its answer ended early.", cause);

    /// <summary>The answer is not what the protocol says.</summary>
    public UpstreamException Protocol(string detail, Exception? cause = null) => new(UpstreamId, UpstreamFailure.Protocol, detail, cause);

    /// <summary>The answer is not the JSON that the protocol says. The cause tells where it broke, without what it says: that may be a user's words.</summary>
    public UpstreamException Malformed(string detail, JsonException malformed) => Protocol(
        detail,
        new JsonException($"Invalid JSON at byte {malformed.BytePositionInLine} of line {malformed.LineNumber}.", null, malformed.LineNumber, malformed.BytePositionInLine));

    /// <summary>The request cannot be put in the upstream's terms: the caller's mistake.</summary>
    public UpstreamException Unsupported(string detail) => new(UpstreamId, UpstreamFailure.InvalidRequest, detail);

    /// <summary>The server's own credentials cannot be sent.</summary>
    public UpstreamException UnusableKey() => new(UpstreamId, UpstreamFailure.Unauthorized, "the configured ApiKey is not set, or no header can carry it.");

    /// <summary>An answer other than 2xx.</summary>
    public UpstreamException Refused(HttpStatusCode status, UpstreamErrorBody body, TimeSpan? retryAfter, string? key)
        => new(UpstreamId, FailureOf((int)status), Redact(body.Message, key) ?? Unexplained(status))
        {
            StatusCode = (int)status,
            RetryAfter = status is HttpStatusCode.PaymentRequired || body.Code == QuotaCode ? QuotaCooldown : retryAfter,
        };

    /// <summary>An error object inside a stream that began well.</summary>
    public UpstreamException Reported(UpstreamErrorBody body, string? key)
    {
        var hasStatus = int.TryParse(body.Code, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and < 600;
        var failure = hasStatus ? FailureOf(status)
            : body.Code?.Contains("rate_limit", StringComparison.Ordinal) is true ? UpstreamFailure.RateLimited
            : UpstreamFailure.ServerError;
        return new(UpstreamId, failure, Redact(body.Message, key) ?? "it reported an error without a message.")
        {
            StatusCode = hasStatus ? status : null,
        };
    }

    private static UpstreamFailure FailureOf(int status) => status switch
    {
        401 or 403 => UpstreamFailure.Unauthorized,
        404 => UpstreamFailure.NotFound,
        408 => UpstreamFailure.Timeout,
        402 or 429 => UpstreamFailure.RateLimited,
        409 or >= 500 => UpstreamFailure.ServerError,
        >= 400 => UpstreamFailure.InvalidRequest,
        _ => UpstreamFailure.Protocol,
    };

    private static string Unexplained(HttpStatusCode status) => (int)status is >= 300 and < 400
        ? $"it answered {(int)status}, a redirect, which is not followed; check its BaseUrl."
        : $"it answered {(int)status} without a message.";

    private static string? Redact(string? message, string? key)
        => string.IsNullOrWhiteSpace(message) ? null
            : string.IsNullOrEmpty(key) ? message
            : message.Replace(key, "***", StringComparison.Ordinal);

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    private UpstreamException Connection(string detail, Exception cause) => new(UpstreamId, UpstreamFailure.Connection, detail, cause);
}
