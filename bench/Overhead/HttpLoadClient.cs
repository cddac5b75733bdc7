using System.Net.Http.Headers;
using System.Net.Mime;

namespace OrleansChat.Bench.Overhead;

/// <summary>A caller as applications are: <see cref="HttpClient"/>, shared by all callers, which makes the request anew each time and reads the answer as text.</summary>
internal sealed class HttpLoadClient(HttpClient http, Uri address, string body) : ILoadClient
{
    /// <inheritdoc/>
    public async ValueTask AskAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(body, new MediaTypeHeaderValue(MediaTypeNames.Application.Json)) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", GatewaySettings.Secret);
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(answer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What callers share outlives each of them.
    }
}
