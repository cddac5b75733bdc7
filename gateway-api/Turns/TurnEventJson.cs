using System.Text.Json;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Problems;

namespace OrleansChat.GatewayApi.Turns;

/// <summary>A turn's events as clients see them; the sequence number and the name stand outside of the data.</summary>
internal static class TurnEventJson
{
    /// <summary>The event's name on the wire.</summary>
    public static string NameOf(TurnEvent entry) => entry switch
    {
        TurnStarted => "turn.started",
        TurnDelta => "turn.delta",
        TurnCitation => "turn.citation",
        TurnRestarted => "turn.restarted",
        TurnCompleted => "turn.completed",
        TurnCancelled => "turn.cancelled",
        TurnFailed => "turn.failed",
        TurnInterrupted => "turn.interrupted",
        _ => throw new ArgumentOutOfRangeException(nameof(entry), entry.GetType().Name, "An event without a name."),
    };

    /// <summary>Writes the event's data as one object.</summary>
    public static void Write(Utf8JsonWriter writer, TurnEvent entry, string correlationId)
    {
        writer.WriteStartObject();
        WriteMembers(writer, entry, correlationId);
        writer.WriteEndObject();
    }

    /// <summary>Writes what an answer used.</summary>
    public static void WriteUsage(Utf8JsonWriter writer, TokenUsage usage)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("inputTokens", usage.InputTokens);
        writer.WriteNumber("outputTokens", usage.OutputTokens);
        writer.WriteBoolean("estimated", usage.Estimated);
        writer.WriteEndObject();
    }

    /// <summary>Writes the event's members into an object that is already begun.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, TurnEvent entry, string correlationId)
    {
        switch (entry)
        {
            case TurnStarted started:
                writer.WriteString("turnId", started.TurnId);
                writer.WriteString("intent", started.Intent);
                writer.WriteString("announcement", started.Announcement);
                writer.WriteString("model", started.Model);
                break;
            case TurnDelta delta:
                writer.WriteString("text", delta.Text);
                break;
            case TurnCitation { Citation: var citation }:
                WriteCitation(writer, citation);
                break;
            case TurnRestarted restarted:
                writer.WriteNumber("attempt", restarted.Attempt);
                break;
            case TurnCompleted completed:
                writer.WriteString("messageId", completed.MessageId);
                writer.WriteString("finishReason", completed.FinishReason);
                WriteUsage(writer, completed.Usage);
                writer.WriteNumber("costUsd", completed.CostUsd);
                writer.WriteString("model", completed.Model);
                writer.WriteString("upstream", completed.Upstream);
                WriteFallbacks(writer, completed.Fallbacks);
                break;
            case TurnCancelled cancelled:
                writer.WriteString("messageId", cancelled.MessageId);
                WriteUsage(writer, cancelled.Usage);
                writer.WriteNumber("costUsd", cancelled.CostUsd);
                break;
            case TurnFailed failed:
                writer.WritePropertyName("problem");
                ProblemJson.Write(writer, failed.Problem, correlationId);
                break;
        }
    }

    private static void WriteFallbacks(Utf8JsonWriter writer, IReadOnlyList<string>? fallbacks)
    {
        if (fallbacks is null)
            return;
        writer.WriteStartArray("fallbacks");
        foreach (var fallback in fallbacks)
            writer.WriteStringValue(fallback);
        writer.WriteEndArray();
    }

    private static void WriteCitation(Utf8JsonWriter writer, Citation citation)
    {
        writer.WriteNumber("n", citation.N);
        writer.WriteString("documentId", citation.DocumentId);
        if (citation.Path is not null)
            writer.WriteString("path", citation.Path);
        if (citation.StartLine is { } start)
            writer.WriteNumber("startLine", start);
        if (citation.EndLine is { } end)
            writer.WriteNumber("endLine", end);
    }
}
