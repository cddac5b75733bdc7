using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansChat.GatewayApi.Tests.Hosting;

/// <summary>An event as it came.</summary>
internal sealed record ReceivedEvent(string? Id, string? Name, string Data)
{
    public JsonElement Json => JsonElement.Parse(Data);

    public bool IsLast => Name is "turn.completed" or "turn.cancelled" or "turn.failed" or "turn.interrupted";
}

/// <summary>Reads server-sent events as they come; comments count as events without a name.</summary>
internal static class EventReader
{
    public static async Task<HttpResponseMessage> OpenAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>The events of a stream whose connection is cut, and not closed.</summary>
    public static async Task<List<ReceivedEvent>> ReadUntilCutAsync(HttpResponseMessage response)
    {
        var events = new List<ReceivedEvent>();
        await Assert.ThrowsAsync<HttpIOException>(async () =>
        {
            await foreach (var entry in ReadAsync(response))
                events.Add(entry);
        });
        return events;
    }

    public static async IAsyncEnumerable<ReceivedEvent> ReadAsync(
        HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        string? id = null, name = null, data = null;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                if (data is not null)
                    yield return new ReceivedEvent(id, name, data);
                (id, name, data) = (null, null, null);
            }
            else if (line.StartsWith(':'))
                yield return new ReceivedEvent(null, null, line);
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
        }
    }
}
