using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>An event of a turn as a reader heard it, in the same words whichever way it came.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Name">Its name as a server-sent event.</param>
/// <param name="Told">What it tells that both ways tell.</param>
internal sealed record HeardEvent(long Sequence, string Name, string Told)
{
    public const string Started = "turn.started";
    public const string Delta = "turn.delta";
    public const string Restarted = "turn.restarted";
    public const string Completed = "turn.completed";
    public const string Cancelled = "turn.cancelled";
    public const string Failed = "turn.failed";

    /// <summary>Whether nothing comes after it.</summary>
    public bool IsLast => Name is Completed or Cancelled or Failed or "turn.interrupted";

    /// <summary>How the turn stands after it, in the words of the turn itself.</summary>
    public string Status => Name["turn.".Length..];

    /// <summary>A server-sent event.</summary>
    public static HeardEvent Of(ReceivedEvent entry)
    {
        var data = entry.Json;
        return new(long.Parse(entry.Id!, System.Globalization.CultureInfo.InvariantCulture), entry.Name!, entry.Name switch
        {
            Started => $"{data.GetProperty("announcement").GetString()}",
            Delta => data.GetProperty("text").GetString()!,
            _ => TellEnd(entry.Name!, data),
        });
    }

    /// <summary>A frame; null for one that is no event.</summary>
    public static HeardEvent? OfFrame(JsonElement frame)
    {
        if (!frame.TryGetProperty("seq", out var sequence))
            return null;

        var number = sequence.GetInt64();
        if (frame.GetProperty("type").GetString() == "stream_token")
        {
            var data = frame.GetProperty("data");
            return new(number, data.GetProperty("type").GetString() == "manager" ? Started : Delta, data.GetProperty("content").GetString()!);
        }

        var name = $"turn.{frame.GetProperty("status").GetString()}";
        return new(number, name, TellEnd(name, frame));
    }

    private static string TellEnd(string name, JsonElement data) => name switch
    {
        Restarted => data.GetProperty("attempt").GetRawText(),
        Completed => $"{data.GetProperty("messageId")} {data.GetProperty("finishReason")} {data.GetProperty("usage")} {data.GetProperty("costUsd").GetDecimal():0.#########} "
            + $"{data.GetProperty("model")} {data.GetProperty("upstream")}",
        Cancelled => $"{data.GetProperty("messageId")} {data.GetProperty("usage")} {data.GetProperty("costUsd").GetDecimal():0.#########}",
        Failed => $"{data.GetProperty("problem").GetProperty("status")} {data.GetProperty("problem").GetProperty("code")}: {data.GetProperty("problem").GetProperty("detail")}",
        _ => "",
    };
}
