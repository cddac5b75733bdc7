using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using OrleansChat.Core.Keys;

namespace OrleansChat.Core.Settings.Reading;

/// <summary>
/// Makes options records from settings as they were written. Unlike the configuration binder it names every fault at once: unknown keys,
/// wrong types, values out of the range of their attribute.
/// </summary>
internal sealed class SettingsBinder(SettingsFaults faults)
{
    /// <summary>Makes an options record; what is not set keeps its default.</summary>
    public object Bind(Type type, SettingNode node, string key)
    {
        var options = Activator.CreateInstance(type)!;
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null)
            .ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        faults.Learn(key, node);
        if (node.Kind is not SettingKind.Group)
        {
            if (node.Kind is not SettingKind.Null)
                faults.Add(key, "must be an object with named settings", $"Known settings here: {string.Join(", ", properties.Keys)}.");
            return options;
        }

        foreach (var (name, member) in node.Members)
        {
            if (!properties.TryGetValue(name, out var property))
            {
                AddUnknown($"{key}:{name}", name, member, properties.Keys);
                continue;
            }

            var path = $"{key}:{property.Name}";
            if (member.Kind is not SettingKind.Null && Read(property.PropertyType, member, path) is { } value && IsInRange(property, value, path))
                property.SetValue(options, value);
        }

        return options;
    }

    private object? Read(Type declared, SettingNode node, string key)
    {
        faults.Learn(key, node);
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return ReadList(type.GetGenericArguments()[0], node, key);
        if (type == typeof(IReadOnlyDictionary<string, long>))
            return ReadNumbers(node, key);
        if (type == typeof(string) || type.IsValueType)
            return ReadValue(type, node, key);
        return Bind(type, HasShorthand(type, out var property) && node.Kind is SettingKind.Text or SettingKind.Untyped ? Spelled(node, property) : node, key);
    }

    private Array? ReadList(Type itemType, SettingNode node, string key)
    {
        if (node.Kind is SettingKind.Untyped && (itemType == typeof(string) || HasShorthand(itemType, out _)))
            node = Separated(node);
        if (node.Kind is not SettingKind.List && !(node.Kind is SettingKind.Group && node.Members.Count == 0))
        {
            faults.Add(key, "must be a list", "Write it as [ … ].");
            return null;
        }

        var items = node.Items.Select((item, i) => Read(itemType, item, $"{key}:{i}")).ToArray();
        if (items.Contains(null))
            return null;
        var list = Array.CreateInstance(itemType, items.Length);
        Array.Copy(items, list, items.Length);
        return list;
    }

    private static bool HasShorthand(Type type, out string property)
    {
        property = type.GetCustomAttribute<ShorthandAttribute>()?.Property ?? "";
        return property.Length > 0;
    }

    /// <summary>What a single text stands for.</summary>
    private static SettingNode Spelled(SettingNode text, string property)
    {
        var spelled = new SettingNode(SettingKind.Group, text.Source);
        spelled.Members[property] = text;
        return spelled;
    }

    /// <summary>A list as a variable or an argument holds it: texts between commas.</summary>
    private static SettingNode Separated(SettingNode text)
    {
        var list = new SettingNode(SettingKind.List, text.Source);
        foreach (var item in text.Text!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            list.Items.Add(new SettingNode(SettingKind.Untyped, text.Source, item));
        return list;
    }

    /// <summary>Reads whole numbers by names that are the operator's own, such as ids of models.</summary>
    private Dictionary<string, long>? ReadNumbers(SettingNode node, string key)
    {
        if (node.Kind is not SettingKind.Group)
        {
            faults.Add(key, "must be an object of names with whole numbers", "Write it as { \"name\": 1000 }.");
            return null;
        }

        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, member) in node.Members)
        {
            faults.Learn($"{key}:{name}", member);
            if (ReadValue(typeof(long), member, $"{key}:{name}") is long number)
                numbers[name] = number;
        }

        return numbers;
    }

    private object? ReadValue(Type type, SettingNode node, string key)
    {
        var (value, shape) = SettingValue.Parse(type, node);
        if (value is null)
            faults.Add(key, $"must be {shape}", "Correct the value.");
        return value;
    }

    private bool IsInRange(PropertyInfo property, object value, string key)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range || range.IsValid(value))
            return true;
        faults.Add(key, $"must be from {Written(range.Minimum)} to {Written(range.Maximum)}", "Choose a value in that range.");
        return false;
    }

    /// <summary>A bound as it would be written in settings; a number's format is none of a time's.</summary>
    private static string Written(object bound) =>
        bound is TimeSpan time ? time.ToString("c", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{bound:#,0.###}");

    private void AddUnknown(string key, string name, SettingNode node, IEnumerable<string> known)
    {
        // The name tells nothing of what was meant, and a misspelt secret is a secret.
        faults.Learn(key, new SettingNode(node.Kind, node.Source, node.Text is null ? null : Secret.Mask));
        faults.Add(
            key,
            "is not a known setting",
            NearestName.Find(name, known) is { } nearest ? $"Did you mean '{nearest}'?" : $"Known settings here: {string.Join(", ", known)}.");
    }
}
