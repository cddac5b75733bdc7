using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OrleansChat.Core.Settings.Showing;

/// <summary>
/// The JSON schema of <c>orleanschat.json</c>, made from the options: names, types, ranges, defaults, and the descriptions of their documentation, so
/// that an editor completes and checks a file as the reader would.
/// </summary>
public static partial class SettingsSchema
{
    private const string Duration = @"^-?(\d+\.)?\d{1,2}:\d{2}(:\d{2}(\.\d{1,7})?)?$";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the schema.</summary>
    /// <returns>The schema's JSON.</returns>
    public static string Write()
    {
        var documentation = Documentation.Load();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Settings of OrleansChat",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject
            {
                ["$schema"] = new JsonObject { ["type"] = "string" },
                [OrleansChatOptions.SectionName] = Object(typeof(OrleansChatOptions), documentation),
            },
        };
        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Object(Type type, Documentation documentation)
    {
        var defaults = Activator.CreateInstance(type);
        var properties = new JsonObject();
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is not null))
        {
            var schema = Of(property.PropertyType, documentation);
            if (documentation.Of(property.DeclaringType!, property.Name) is { } description)
                schema["description"] = description;
            if (property.GetCustomAttributes(typeof(RangeAttribute), true) is [RangeAttribute range] && range.OperandType != typeof(TimeSpan))
            {
                schema["minimum"] = Number(range.Minimum);
                schema["maximum"] = Number(range.Maximum);
            }

            if (Default(property.GetValue(defaults)) is { } value)
                schema["default"] = value;
            properties[property.Name] = schema;
        }

        return new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
    }

    private static JsonObject Of(Type declared, Documentation documentation)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string))
            return new JsonObject { ["type"] = "string" };
        if (type == typeof(bool))
            return new JsonObject { ["type"] = "boolean" };
        if (type == typeof(TimeSpan))
            return new JsonObject { ["type"] = "string", ["pattern"] = Duration };
        if (type.IsEnum)
            return new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => (JsonNode)name)]) };
        if (type == typeof(int) || type == typeof(long))
            return new JsonObject { ["type"] = "integer" };
        if (type.IsValueType)
            return new JsonObject { ["type"] = "number" };
        if (type == typeof(IReadOnlyDictionary<string, long>))
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "integer" } };
        return type.IsGenericType
            ? new JsonObject { ["type"] = "array", ["items"] = Of(type.GetGenericArguments()[0], documentation) }
            : Named(type, documentation);
    }

    /// <summary>Named settings, or the text that may stand for them.</summary>
    private static JsonObject Named(Type type, Documentation documentation) => type.IsDefined(typeof(ShorthandAttribute), false)
        ? new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, Object(type, documentation)) }
        : Object(type, documentation);

    private static JsonNode? Default(object? value) => value switch
    {
        null or "" => null,
        bool flag => flag,
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        Enum name => name.ToString(),
        string text => text,
        ValueType number => Number(number),
        _ => null,
    };

    private static JsonNode Number(object number) => JsonNode.Parse(Convert.ToString(Convert.ToDecimal(number, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)!)!;

    /// <summary>The summaries of the options, from the documentation file that the compiler writes beside the assembly.</summary>
    private sealed partial class Documentation(IReadOnlyDictionary<string, XElement> members)
    {
        private static readonly string[] Parts = ["summary", "value"];

        public static Documentation Load()
        {
            var file = Path.ChangeExtension(typeof(Documentation).Assembly.Location, ".xml");
            var members = File.Exists(file) ? XDocument.Load(file).Descendants("member") : [];
            return new Documentation(members.ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal));
        }

        public string? Of(Type type, string property)
        {
            if (!members.TryGetValue($"P:{type.FullName}.{property}", out var member))
                return null;
            var text = string.Join(' ', Parts.Select(name => Text(member.Element(name))).Where(part => part.Length > 0));
            return text.Length == 0 ? null : text;
        }

        private static string Text(XElement? element) => element is null ? "" : Spaces().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();

        private static string Text(XNode node) => node switch
        {
            XText text => text.Value,
            XElement { HasAttributes: true } reference when reference.Attribute("cref") is { } cref => cref.Value[(cref.Value.LastIndexOf('.') + 1)..],
            XElement { HasAttributes: true } word when word.Attribute("langword") is { } langword => langword.Value,
            XElement element => element.Value,
            _ => "",
        };

        [GeneratedRegex(@"\s+")]
        private static partial Regex Spaces();
    }
}
