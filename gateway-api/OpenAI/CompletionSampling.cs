using System.Text.Json;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>What OpenAI's body says about sampling, for an upstream of another kind.</summary>
internal static class CompletionSampling
{
    /// <summary>A number of the body; null when it has none.</summary>
    public static float? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number ? value.GetSingle() : null;

    /// <summary>Where the model is to stop: one text or several; null for nowhere.</summary>
    public static IList<string>? Stops(JsonElement body)
    {
        if (!body.TryGetProperty("stop", out var stop))
            return null;
        return stop.ValueKind switch
        {
            JsonValueKind.String => [stop.GetString()!],
            JsonValueKind.Array => [.. stop.EnumerateArray().Where(text => text.ValueKind is JsonValueKind.String).Select(text => text.GetString()!)],
            _ => null,
        };
    }
}
