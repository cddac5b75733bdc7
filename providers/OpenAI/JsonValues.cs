using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansChat.Providers.OpenAI;

/// <summary>Writes loosely typed values as JSON, without reflection over unknown types.</summary>
internal static class JsonValues
{
    /// <summary>
    /// Writes the property if its value is JSON by nature: null, text, a number, a boolean, JSON itself, or lists and string-keyed
    /// maps of those. Anything else travels through options for somebody else, and is left out.
    /// </summary>
    public static void WriteProperty(Utf8JsonWriter json, string name, object? value)
    {
        if (!IsJson(value))
            return;
        json.WritePropertyName(name);
        WriteValue(json, value);
    }

    private static bool IsJson(object? value) => value switch
    {
        null or string or bool or int or long or float or double or decimal => true,
        JsonElement element => element.ValueKind is not JsonValueKind.Undefined,
        JsonNode => true,
        IDictionary<string, object?> map => map.Values.All(IsJson),
        IEnumerable list => list.Cast<object?>().All(IsJson),
        _ => false,
    };

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case float number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case JsonElement element:
                element.WriteTo(json);
                break;
            case JsonNode node:
                node.WriteTo(json);
                break;
            case IDictionary<string, object?> map:
                json.WriteStartObject();
                foreach (var (name, item) in map)
                {
                    json.WritePropertyName(name);
                    WriteValue(json, item);
                }

                json.WriteEndObject();
                break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (var item in list)
                    WriteValue(json, item);
                json.WriteEndArray();
                break;
        }
    }
}
