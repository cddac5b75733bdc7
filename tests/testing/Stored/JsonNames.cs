using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansChat.Testing.Stored;

/// <summary>The names by which JSON is read that another version wrote: fields, the kinds of what has several, and the numbers of enumerations.</summary>
public static class JsonNames
{
    /// <summary>A line for each name in what some types and those within them are written as.</summary>
    /// <param name="types">The types.</param>
    /// <param name="options">How they are written.</param>
    /// <returns>Each name once, in the order of the text.</returns>
    public static IReadOnlyList<string> Of(IEnumerable<Type> types, JsonSerializerOptions options)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<Type>();
        var waiting = new Queue<Type>(types);
        while (waiting.TryDequeue(out var type))
        {
            if (seen.Add(type))
                lines.UnionWith(Describe(type, options, waiting));
        }

        return [.. lines];
    }

    /// <summary>A type as the lines have it.</summary>
    public static string Show(Type type) =>
        Nullable.GetUnderlyingType(type) is { } value ? $"{Show(value)}?"
            : type.IsArray ? $"{Show(type.GetElementType()!)}[]"
            : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Show))}>"
            : type.Name;

    private static IEnumerable<string> Describe(Type type, JsonSerializerOptions options, Queue<Type> waiting)
    {
        if ((Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } values)
            return Enum.GetNames(values).Select(name => $"value {Show(values)}.{name} = {Convert.ToInt64(Enum.Parse(values, name), CultureInfo.InvariantCulture)}");

        var json = options.GetTypeInfo(type);
        foreach (var inner in InnerTypes(json))
            waiting.Enqueue(inner);
        return
        [
            .. FieldsOf(json).Select(field => $"field {Show(type)}.{field.Name} {Show(field.PropertyType)}"),
            .. json.PolymorphismOptions?.DerivedTypes.Select(derived => $"kind {Show(type)}.{derived.TypeDiscriminator} {Show(derived.DerivedType)}") ?? [],
        ];
    }

    // What follows from other fields is written and never read.
    private static IEnumerable<JsonPropertyInfo> FieldsOf(JsonTypeInfo json) =>
        json.Kind is JsonTypeInfoKind.Object ? json.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null) : [];

    private static IEnumerable<Type> InnerTypes(JsonTypeInfo json) =>
    [
        .. FieldsOf(json).Select(field => field.PropertyType),
        .. json.PolymorphismOptions?.DerivedTypes.Select(derived => derived.DerivedType) ?? [],
        .. new[] { json.KeyType, json.ElementType, Nullable.GetUnderlyingType(json.Type) }.OfType<Type>(),
    ];
}
