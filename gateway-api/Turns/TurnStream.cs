using System.Buffers;
using System.Text;
using System.Text.Json;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Json;

namespace OrleansChat.GatewayApi.Turns;

/// <summary>A turn's events as server-sent events: <c>id</c> is the sequence number.</summary>
internal static class TurnStream
{
    /// <summary>The writer of one event, for problems that name the correlation id.</summary>
    public static Action<IBufferWriter<byte>, TurnEvent> Writer(string correlationId) => (output, entry) => Write(output, entry, correlationId);

    /// <summary>Writes the event that ends the stream of a client which reads too slowly: no event of the turn, so it has no number.</summary>
    public static void WriteGoingAway(IBufferWriter<byte> output, string turnId, long after)
    {
        output.Write("event: going_away\ndata: "u8);
        using (var writer = new Utf8JsonWriter(output, GatewayJson.Writer))
        {
            writer.WriteStartObject();
            writer.WriteString("reason", "too_slow");
            writer.WriteString("turnId", turnId);
            writer.WriteNumber("after", after);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private static void Write(IBufferWriter<byte> output, TurnEvent entry, string correlationId)
    {
        Encoding.UTF8.GetBytes($"id: {entry.Sequence}\nevent: {TurnEventJson.NameOf(entry)}\ndata: ", output);
        using (var writer = new Utf8JsonWriter(output, GatewayJson.Writer))
            TurnEventJson.Write(writer, entry, correlationId);
        output.Write("\n\n"u8);
    }
}
