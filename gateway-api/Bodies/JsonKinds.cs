using System.Text.Json;

namespace OrleansChat.GatewayApi.Bodies;

/// <summary>Names of JSON's types for messages, and strings.</summary>
internal static class JsonKinds
{
    /// <summary>The type of a value, with its article.</summary>
    public static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    /// <summary>A string's text; null with the broken rule otherwise.</summary>
    public static string? TextOf(JsonElement value, out string? rule)
    {
        if (value.ValueKind is not JsonValueKind.String)
        {
            rule = $"must be a string, not {NameOf(value)}";
            return null;
        }

        rule = null;
        return value.GetString();
    }
}
