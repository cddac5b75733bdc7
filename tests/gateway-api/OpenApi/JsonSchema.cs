using System.Text.Json;

namespace OrleansChat.GatewayApi.Tests.OpenApi;

/// <summary>Holds JSON against the schemas of an OpenAPI document: types, members, required members, items and words.</summary>
internal sealed class JsonSchema(JsonElement document)
{
    /// <summary>What is wrong with a value, each with the way to it.</summary>
    public IReadOnlyList<string> FaultsOf(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return FaultsOf(value, document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), path);
        foreach (var choice in (string[])["oneOf", "anyOf"])
        {
            if (schema.TryGetProperty(choice, out var options))
                return options.EnumerateArray().Any(option => FaultsOf(value, option, path).Count == 0) ? [] : [$"{path} is none of its schemas: {value}"];
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => Is(value, name)))
            return [$"{path} is no {type}: {value}"];
        if (schema.TryGetProperty("enum", out var words) && !words.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value)))
            return [$"{path} is none of {words}: {value}"];
        return value.ValueKind switch
        {
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) => [.. value.EnumerateArray().SelectMany((item, i) => FaultsOf(item, items, $"{path}[{i}]"))],
            JsonValueKind.Object => FaultsOfMembers(value, schema, path),
            _ => [],
        };
    }

    private IReadOnlyList<string> FaultsOfMembers(JsonElement value, JsonElement schema, string path)
    {
        var faults = new List<string>();
        if (schema.TryGetProperty("required", out var required))
            faults.AddRange(required.EnumerateArray().Select(name => name.GetString()!).Where(name => !value.TryGetProperty(name, out _)).Select(name => $"{path}.{name} is missing"));
        var hasOthers = schema.TryGetProperty("additionalProperties", out var others);
        if (!schema.TryGetProperty("properties", out var members) && !hasOthers)
            return faults;

        foreach (var member in value.EnumerateObject())
        {
            if (members.ValueKind is JsonValueKind.Object && members.TryGetProperty(member.Name, out var known))
                faults.AddRange(FaultsOf(member.Value, known, $"{path}.{member.Name}"));
            else if (!hasOthers)
                faults.Add($"{path}.{member.Name} is not described");
            else if (others.ValueKind is JsonValueKind.Object)
                faults.AddRange(FaultsOf(member.Value, others, $"{path}.{member.Name}"));
        }

        return faults;
    }

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind is JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!];

    private static bool Is(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind is JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind is JsonValueKind.Number,
        "string" => value.ValueKind is JsonValueKind.String,
        "array" => value.ValueKind is JsonValueKind.Array,
        _ => value.ValueKind is JsonValueKind.Object,
    };
}
