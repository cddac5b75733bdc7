using System.Collections.Immutable;
using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Filters;

/// <summary>
/// Reads filters from JSON: <c>{"and": […]}</c>, <c>{"or": […]}</c>, <c>{"not": {…}}</c>, or a field with one test:
/// <c>{"field": "language", "equals": "en"}</c>, <c>"in": […]</c>, <c>"prefix": "docs/"</c>, or <c>"range": {"gt"?, "gte"?, "lt"?, "lte"?}</c>.
/// </summary>
public static class SearchFilterReader
{
    /// <summary>The deepest nesting of and, or and not.</summary>
    public const int MaxDepth = 16;

    /// <summary>The most conditions of one list, and values of one <c>in</c>.</summary>
    public const int MaxItems = 256;

    /// <summary>Reads a filter.</summary>
    /// <param name="json">The filter.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="RequestException">It is none; the problem says where.</exception>
    public static SearchFilter Read(JsonElement json) => Read(json, "filter", MaxDepth);

    private static SearchFilter Read(JsonElement json, string at, int depth)
    {
        if (depth == 0)
            throw Invalid(at, $"The filter is nested more than {MaxDepth} deep.");
        if (json.ValueKind != JsonValueKind.Object)
            throw Invalid(at, "A filter is an object.");
        var properties = json.EnumerateObject().ToArray();
        if (properties is [{ Name: "and" or "or" or "not" } single])
        {
            return single.Name switch
            {
                "and" => new SearchFilter.And(ReadAll(single.Value, $"{at}.and", depth)),
                "or" => new SearchFilter.Or(ReadAll(single.Value, $"{at}.or", depth)),
                _ => new SearchFilter.Not(Read(single.Value, $"{at}.not", depth - 1)),
            };
        }

        if (properties.Length != 2 || !json.TryGetProperty("field", out var name) || name.ValueKind != JsonValueKind.String)
            throw Invalid(at, "A filter is 'and', 'or' or 'not' alone, or a 'field' with one of 'equals', 'in', 'range' and 'prefix'.");
        var field = Text(name, $"{at}.field");
        var test = properties[0].Name == "field" ? properties[1] : properties[0];
        at = $"{at}.{test.Name}";
        return test.Name switch
        {
            "equals" => new SearchFilter.Equal(field, Value(test.Value, at)),
            "in" => new SearchFilter.In(field, [.. Items(test.Value, at).Select((item, i) => Value(item, $"{at}[{i}]"))]),
            "prefix" when test.Value.ValueKind == JsonValueKind.String => new SearchFilter.Prefix(field, Text(test.Value, at)),
            "prefix" => throw Invalid(at, "A prefix is a string."),
            "range" => ReadRange(field, test.Value, at),
            _ => throw Invalid(at, $"There is no test '{test.Name}'."),
        };
    }

    private static SearchFilter.Range ReadRange(string field, JsonElement json, string at)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.EnumerateObject().Any())
            throw Invalid(at, "A range is an object with at least one of 'gt', 'gte', 'lt' and 'lte'.");
        var range = new SearchFilter.Range(field);
        foreach (var bound in json.EnumerateObject())
        {
            var value = Value(bound.Value, $"{at}.{bound.Name}");
            if (value.Kind is not (MetadataKind.Number or MetadataKind.Text))
                throw Invalid($"{at}.{bound.Name}", "A bound is a number or a string.");
            range = bound.Name switch
            {
                "gt" => range with { GreaterThan = value },
                "gte" => range with { AtLeast = value },
                "lt" => range with { LessThan = value },
                "lte" => range with { AtMost = value },
                _ => throw Invalid(at, $"A range has no bound '{bound.Name}', only 'gt', 'gte', 'lt' and 'lte'."),
            };
        }

        return range;
    }

    private static ImmutableArray<SearchFilter> ReadAll(JsonElement json, string at, int depth) =>
        [.. Items(json, at).Select((item, i) => Read(item, $"{at}[{i}]", depth - 1))];

    private static JsonElement[] Items(JsonElement json, string at)
    {
        if (json.ValueKind != JsonValueKind.Array)
            throw Invalid(at, "A list is needed here.");
        return json.GetArrayLength() <= MaxItems ? [.. json.EnumerateArray()] : throw Invalid(at, $"A list has at most {MaxItems} items.");
    }

    private static MetadataValue Value(JsonElement json, string at)
    {
        try
        {
            var value = json.Deserialize<MetadataValue>();
            return value.Kind != MetadataKind.List ? value : throw Invalid(at, "A value is compared with one value, not with a list.");
        }
        catch (Exception unfit) when (unfit is JsonException or InvalidOperationException)
        {
            throw Invalid(at, "A value is a string, a number, a Boolean or null.");
        }
    }

    private static string Text(JsonElement json, string at)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Invalid(at, "The text is not valid Unicode.");
        }
    }

    private static RequestException Invalid(string at, string detail) =>
        RequestException.Invalid(at, detail, "Write filters such as {\"field\": \"language\", \"equals\": \"en\"}.");
}
