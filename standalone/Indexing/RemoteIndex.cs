using System.Net.Http.Headers;
using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Ingestion;

namespace OrleansChat.Standalone.Indexing;

/// <summary>A running server's collections, over HTTP.</summary>
internal sealed class RemoteIndex : IIndexTarget, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private readonly HttpClient _http;

    public RemoteIndex(Uri server, string? key)
    {
        _http = new HttpClient { BaseAddress = new Uri(server.GetLeftPart(UriPartial.Authority)), Timeout = Timeout };
        if (key is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public async Task PrepareAsync(string collection, CancellationToken cancellationToken)
    {
        // Without settings, a PUT creates what is missing and leaves what is there.
        using var response = await SendAsync(
            token => _http.PutAsJsonAsync($"/api/collections/{Uri.EscapeDataString(collection)}", new { }, token), cancellationToken);
        await CheckAsync(response, cancellationToken);
    }

    public async Task<IndexedBatch> IndexAsync(
        string collection, IReadOnlyList<SourceDocument> documents, CancellationToken cancellationToken)
    {
        var route = $"/api/collections/{Uri.EscapeDataString(collection)}/documents";
        using var response = await SendAsync(token => _http.PostAsJsonAsync(route, Documents(documents), token), cancellationToken);
        await CheckAsync(response, cancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<Answer>(cancellationToken);
        return new IndexedBatch(
            answer!.Indexed, answer.Unchanged, answer.Chunks,
            [.. answer.Rejected.Select(rejected => new RejectedFile(rejected.Id ?? "", rejected.Problem.Detail))]);
    }

    private static object Documents(IReadOnlyList<SourceDocument> documents) =>
        new { documents = documents.Select(document => new { document.Id, document.Text, document.Path }) };

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        Func<CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await send(cancellationToken);
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

    private static async Task CheckAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;

        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        throw new OrleansChatException(ReadProblem(body)
            ?? Problem.Of(ProblemCode.UpstreamError, $"The server answered {(int)response.StatusCode}.", "Look at the server's log."));
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

    private sealed record Answer(int Indexed, int Unchanged, int Chunks, IReadOnlyList<Rejection> Rejected);

    private sealed record Rejection(string? Id, Problem Problem);
}
