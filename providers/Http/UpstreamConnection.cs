using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Providers.Resilience;
using Polly;

namespace OrleansChat.Providers.Http;

/// <summary>
/// Calls one upstream over its own connection pool: sends a serialised request, retries what is worth it before the first byte of
/// an answer, and turns every failure into an <see cref="UpstreamException"/>. Safe for concurrent use.
/// </summary>
public sealed partial class UpstreamConnection : IDisposable
{
    private readonly UpstreamEndpoint _endpoint;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpMessageInvoker _http;
    private readonly ResiliencePipeline _retry;
    private readonly ConcurrentDictionary<string, Uri> _addresses = new(StringComparer.Ordinal);

    /// <summary>A connection with a pool of its own.</summary>
    /// <param name="endpoint">The upstream.</param>
    /// <param name="time">The clock of timeouts and waits.</param>
    /// <param name="logger">Where retries are logged.</param>
    public UpstreamConnection(UpstreamEndpoint endpoint, TimeProvider time, ILogger<UpstreamConnection> logger)
    {
        _endpoint = endpoint;
        _time = time;
        _logger = logger;
        _http = new HttpMessageInvoker(UpstreamSockets.Create(endpoint.Timeouts.Connect), disposeHandler: true);
        _retry = UpstreamRetry.Build(endpoint.Id, endpoint.Retries, time, logger);
        Faults = new UpstreamFaults(endpoint.Id);
    }

    /// <summary>The upstream's id.</summary>
    public string UpstreamId => _endpoint.Id;

    /// <summary>The upstream's base URL.</summary>
    public Uri BaseUrl => _endpoint.BaseUrl;

    internal UpstreamFaults Faults { get; }

    /// <summary>The key in force, to be kept out of messages.</summary>
    internal string? CurrentKey => _endpoint.ApiKey?.Read();

    /// <summary>Sends a request and returns when the headers of a successful answer are there.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the call, the reading of its body included, and closes the connection.</param>
    /// <returns>The answer; dispose it.</returns>
    /// <exception cref="UpstreamException">The upstream failed and, where that can help, was retried.</exception>
    public async ValueTask<UpstreamStream> SendAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Prompt?.Hold();
        cancellationToken.ThrowIfCancellationRequested();
        var deadline = new UpstreamDeadline(_endpoint.Timeouts, _time, cancellationToken);
        try
        {
            return await AttemptAsync(request, deadline);
        }
        catch (UpstreamException failure) when (UpstreamRetry.IsWorthARetry(failure, _endpoint.Retries))
        {
            return await RetryAsync(request, deadline, failure);
        }
        catch (OperationCanceledException cancelled)
        {
            var reason = deadline.Explain(cancelled, Faults);
            deadline.Dispose();
            throw reason;
        }
        catch
        {
            deadline.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The pipeline of retries, which begins with the failure that is known: a call that goes well never enters it.</summary>
    private async ValueTask<UpstreamStream> RetryAsync(UpstreamRequest request, UpstreamDeadline deadline, UpstreamException failure)
    {
        UpstreamException? first = failure;
        try
        {
            return await _retry.ExecuteAsync(
                _ => Interlocked.Exchange(ref first, null) is { } known ? throw known : AttemptAsync(request, deadline), deadline.Token);
        }
        catch (OperationCanceledException cancelled)
        {
            var reason = deadline.Explain(cancelled, Faults);
            deadline.Dispose();
            throw reason;
        }
        catch
        {
            deadline.Dispose();
            throw;
        }
    }

    private async ValueTask<UpstreamStream> AttemptAsync(UpstreamRequest request, UpstreamDeadline deadline)
    {
        var key = CheckedKey();
        using var message = Message(request, key);
        deadline.StartAttempt(request.IsStream);
        deadline.BeginWait();
        HttpResponseMessage? response = null;
        try
        {
            response = await _http.SendAsync(message, deadline.Token);
            if (!response.IsSuccessStatusCode)
            {
                var body = await UpstreamErrorBody.ReadAsync(response.Content, deadline.Token);
                var refusal = Faults.Refused(response.StatusCode, body, RetryAfter.Read(response.Headers, _time.GetUtcNow()), key);
                if (refusal.Failure is UpstreamFailure.Unauthorized)
                    KeyRefused(_logger, UpstreamId, (int)response.StatusCode, _endpoint.ApiKey?.Source ?? "none");

                // It has said that there will be no answer: who leaves before the next attempt owes it nothing.
                request.Prompt?.Hold();
                throw refusal;
            }

            var stream = await response.Content.ReadAsStreamAsync(deadline.Token);
            var answer = new UpstreamStream(response, stream, deadline, Faults, request);
            response = null;
            return answer;
        }
        catch (HttpRequestException broken)
        {
            request.Prompt?.Hold();
            throw Faults.NotAnswered(broken);
        }
        catch (OperationCanceledException cancelled) when (cancelled.InnerException is TimeoutException && !deadline.Token.IsCancellationRequested)
        {
            throw Faults.TimedOut(UpstreamPhase.Connect, _endpoint.Timeouts, cancelled);
        }
        finally
        {
            deadline.EndWait();
            response?.Dispose();
        }
    }

    private HttpRequestMessage Message(UpstreamRequest request, string? key)
    {
        // Values that are known to be right need no parser.
        var content = new PromptContent(request.Body, request.Prompt);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        var message = new HttpRequestMessage(HttpMethod.Post, AddressOf(request))
        {
            Content = content,
            // HTTP/2 where TLS can agree on it, HTTP/1.1 otherwise.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("Accept", request.IsStream ? "text/event-stream" : "application/json");
        foreach (var (name, value) in request.Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        foreach (var (name, value) in _endpoint.Headers)
        {
            if (!request.Headers.Any(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)))
                message.Headers.TryAddWithoutValidation(name, value);
        }

        if (Activity.Current is { } span)
            DistributedContextPropagator.Current.Inject(span, message.Headers, WriteTrace);
        if (key is null)
            return message;

        var (header, prefix) = _endpoint.KeyPlacement switch
        {
            UpstreamKeyPlacement.XApiKey => ("x-api-key", ""),
            UpstreamKeyPlacement.ApiKey => ("api-key", ""),
            _ => ("Authorization", "Bearer "),
        };
        message.Headers.TryAddWithoutValidation(header, prefix + key);
        return message;
    }

    private static void WriteTrace(object? headers, string name, string value)
    {
        var sent = (HttpRequestHeaders)headers!;
        if (!sent.NonValidated.Contains(name))
            sent.TryAddWithoutValidation(name, value);
    }

    /// <summary>The key, fit for a header: validating headers quote what they refuse, and the key must not get into an exception.</summary>
    private string? CheckedKey()
    {
        if (_endpoint.ApiKey is not { } secret)
            return null;
        var key = secret.Read();
        if (key is not null && !key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return key;
        KeyUnusable(_logger, UpstreamId, secret.Source);
        throw Faults.UnusableKey();
    }

    private Uri AddressOf(UpstreamRequest request)
    {
        var route = _endpoint.Route?.Invoke(request) ?? request.Path;
        if (_addresses.TryGetValue(route, out var known))
            return known;

        var query = route.IndexOf('?', StringComparison.Ordinal);
        var address = new UriBuilder(_endpoint.BaseUrl);
        address.Path = address.Path.TrimEnd('/') + (query < 0 ? route : route[..query]);
        address.Query = query < 0 ? "" : route[query..];

        // Routes are few: paths of this code, and names of the settings.
        return _addresses.GetOrAdd(route, address.Uri);
    }

    [LoggerMessage(2002, LogLevel.Error, "Upstream {Upstream}: its ApiKey ({Source}) is not set, or no header can carry it", EventName = "UpstreamKeyUnusable")]
    private static partial void KeyUnusable(ILogger logger, string upstream, string source);

    [LoggerMessage(2003, LogLevel.Error, "Upstream {Upstream} refused this server's ApiKey ({Source}) with status {Status}", EventName = "UpstreamKeyRefused")]
    private static partial void KeyRefused(ILogger logger, string upstream, int status, string source);
}
