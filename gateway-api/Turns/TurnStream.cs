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

    private static void Write(IBufferWriter<byte> output, TurnEvent entry, string correlationId)
    {
        Encoding.UTF8.GetBytes($"id: {entry.Sequence}\nevent: {TurnEventJson.NameOf(entry)}\ndata: ", output);
        using (var writer = new Utf8JsonWriter(output, GatewayJson.Writer))
            TurnEventJson.Write(writer, entry, correlationId);
        output.Write("\n\n"u8);
    }
}
