using System.Text.Json;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>The events of a turn as frames' members.</summary>
internal static class TurnFrames
{
    /// <summary>Writes one event.</summary>
    public static void Write(Utf8JsonWriter writer, string? id, string turnId, TurnEvent entry, string correlationId)
    {
        switch (entry)
        {
            case TurnStarted started:
                WriteToken(writer, id, turnId, entry.Sequence, "manager"u8, started.Announcement);
                break;
            case TurnDelta delta:
                WriteToken(writer, id, turnId, entry.Sequence, "token"u8, delta.Text);
                break;
            case TurnCitation:
                WriteHead(writer, "citation", id, turnId, entry.Sequence);
                writer.WritePropertyName("data");
                TurnEventJson.Write(writer, entry, correlationId);
                break;
            default:
                WriteHead(writer, "status", id, turnId, entry.Sequence);
                writer.WriteString("status", StatusOf(entry));
                TurnEventJson.WriteMembers(writer, entry, correlationId);
                break;
        }
    }

    /// <summary>Writes what every frame begins with.</summary>
    public static void WriteHead(Utf8JsonWriter writer, string type, string? id, string? turnId, long? sequence)
    {
        writer.WriteString("type"u8, type);
        if (id is not null)
            writer.WriteString("id"u8, id);
        if (sequence is { } number)
            writer.WriteNumber("seq"u8, number);
        if (turnId is not null)
            writer.WriteString("turnId"u8, turnId);
    }

    private static void WriteToken(Utf8JsonWriter writer, string? id, string turnId, long sequence, ReadOnlySpan<byte> kind, string content)
    {
        WriteHead(writer, "stream_token", id, turnId, sequence);
        writer.WriteStartObject("data"u8);
        writer.WriteString("type"u8, kind);
        writer.WriteString("content"u8, content);
        writer.WriteEndObject();
    }

    private static string StatusOf(TurnEvent entry) => entry switch
    {
        TurnRestarted => "restarted",
        TurnCompleted => "completed",
        TurnCancelled => "cancelled",
        TurnFailed => "failed",
        _ => "interrupted",
    };
}
