using System.Net.Http.Headers;
using System.Text.Json;
using OrleansChat.Core.Errors;

namespace OrleansChat.Standalone.Commands;

/// <summary>A running server as commands call it: what it refuses is an exception with its problem.</summary>
internal sealed class RemoteServer : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private readonly HttpClient _http;

    public RemoteServer(Uri server, string? key)
    {
        _http = new HttpClient { BaseAddress = new Uri(server.GetLeftPart(UriPartial.Authority)), Timeout = Timeout };
        if (key is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>Calls the server.</summary>
    /// <returns>The answer, a success; the caller disposes it.</returns>
    /// <exception cref="OrleansChatException">Nothing answers, or the server refused.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;

        using (response)
        {
            throw new OrleansChatException(ReadProblem(await response.Content.ReadAsStringAsync(cancellationToken))
                ?? Problem.Of(ProblemCode.UpstreamError, $"The server answered {(int)response.StatusCode}.", "Look at the server's log."));
        }
    }

    /// <summary>Copies an answer as it comes, however long it is.</summary>
    /// <exception cref="OrleansChatException">Nothing answers, or the server refused.</exception>
    public async Task DownloadAsync(string path, Stream destination, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new OrleansChatException(ReadProblem(await response.Content.ReadAsStringAsync(cancellationToken))
                ?? Problem.Of(ProblemCode.UpstreamError, $"The server answered {(int)response.StatusCode}.", "Look at the server's log."));
        }

        await response.Content.CopyToAsync(destination, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption until, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, until, cancellationToken);
        }
        catch (HttpRequestException fault)
        {
            throw new OrleansChatException(
                Problem.Of(
                    ProblemCode.UpstreamUnavailable,
                    $"No server answers at {_http.BaseAddress}: {fault.Message}",
                    "Start one with: dotnet run --project standalone",
                    "Name another with --server URL."),
                fault);
        }
    }

    private static Problem? ReadProblem(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<Problem>(body, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
