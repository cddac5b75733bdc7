using System.Text.Json;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>An event of a turn as it came over the wire.</summary>
/// <param name="Id">Its sequence number.</param>
/// <param name="Kind">Its type.</param>
/// <param name="Data">Its data.</param>
internal sealed record WireEvent(long Id, string Kind, JsonElement Data)
{
    /// <summary>The text of a delta; empty for others.</summary>
    public string Text => Kind == "turn.delta" ? Data.GetProperty("text").GetString()! : "";

    /// <summary>Reads events until the stream ends, or breaks.</summary>
    public static async IAsyncEnumerable<WireEvent> ReadAsync(HttpResponseMessage response)
    {
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var (id, kind) = (0L, "");
        while (await NextLineAsync(reader) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = long.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture);
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                kind = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                yield return new WireEvent(id, kind, JsonDocument.Parse(line[6..]).RootElement);
        }
    }

    /// <summary>The next line; null when the server has ended the stream or died.</summary>
    private static async Task<string?> NextLineAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadLineAsync();
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            return null;
        }
    }
}
