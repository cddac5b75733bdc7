using System.Text.Json;
using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Problems;

/// <summary>Writes a problem's members; the same ones in a response, in an event and in a frame.</summary>
internal static class ProblemJson
{
    /// <summary>The problem as an RFC 9457 object.</summary>
    public static void Write(Utf8JsonWriter writer, Problem problem, string correlationId, int? status = null)
    {
        writer.WriteStartObject();
        writer.WriteString("type", $"urn:orleanschat:problem:{problem.Code}");
        writer.WriteString("title", ProblemCode.Named(problem.Code).Title);
        writer.WriteNumber("status", status ?? problem.Status);
        WriteMembers(writer, problem, correlationId);
        writer.WriteEndObject();
    }

    /// <summary>The members that a client acts on, into an object that is already begun.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, Problem problem, string correlationId)
    {
        writer.WriteString("code", problem.Code);
        writer.WriteString("detail", problem.Detail);
        writer.WriteStartArray("suggestions");
        foreach (var suggestion in problem.Suggestions.Count > 0 ? problem.Suggestions : [Suggest(problem)])
            writer.WriteStringValue(suggestion);
        writer.WriteEndArray();
        writer.WriteString("correlationId", correlationId);
        if (problem.Subject is not null)
            writer.WriteString("subject", problem.Subject);
        if (problem.RetryAfterSeconds is { } seconds)
            writer.WriteNumber("retryAfterSeconds", seconds);
    }

    /// <summary>What to do about a problem whose detail already names the rule that was broken.</summary>
    private static string Suggest(Problem problem) => problem.Subject is { } field
        ? $"Correct '{field}' and send the request again; /openapi/v1.json describes it."
        : "Correct the request as the detail says; /openapi/v1.json describes it.";
}
