using System.Globalization;
using System.Text.Json;
using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Bodies;

/// <summary>
/// The fields of a JSON object, read one by one. Faults are collected, so that one answer names them all; fields that are not asked for are
/// passed over, and null is as good as absent.
/// </summary>
internal sealed class Fields
{
    private const int MaxFaults = 20;

    private readonly JsonElement _object;
    private readonly string _path;
    private readonly List<(string Field, string Rule)> _faults;

    private Fields(JsonElement element, string path, List<(string Field, string Rule)> faults)
    {
        _object = element;
        _path = path;
        _faults = faults;
    }

    /// <summary>No fields.</summary>
    public static Fields Empty => new(JsonElement.Parse("{}"), "", []);

    /// <summary>The fields of a body, which must be an object.</summary>
    public static Fields Of(JsonElement body) =>
        body.ValueKind is JsonValueKind.Object
            ? new Fields(body, "", [])
            : throw new RequestException(Problem.Of(
                ProblemCode.InvalidRequest, $"The body must be a JSON object, not {JsonKinds.NameOf(body)}.", "Send a JSON object."));

    /// <summary>The fields of an object within a body, whose faults are its own.</summary>
    public static Fields Of(JsonElement item, string path) =>
        item.ValueKind is JsonValueKind.Object
            ? new Fields(item, path, [])
            : throw RequestException.Invalid(path.TrimEnd('.'), $"'{path.TrimEnd('.')}' must be an object, not {JsonKinds.NameOf(item)}.");

    /// <summary>Ends the reading.</summary>
    /// <exception cref="RequestException">There were faults.</exception>
    public void ThrowIfFaulty()
    {
        if (_faults.Count == 0)
            return;
        throw RequestException.Invalid(_faults[0].Field, string.Join(' ', _faults.Select(fault => $"'{fault.Field}' {fault.Rule}.")));
    }

    /// <summary>The faults so far, each field with its rule.</summary>
    public IReadOnlyList<(string Field, string Rule)> Faults => _faults;

    /// <summary>Adds a fault of a field.</summary>
    /// <param name="name">The field.</param>
    /// <param name="rule">What holds for it, such as "must be a string", without a full stop.</param>
    public void Fault(string name, string rule)
    {
        if (_faults.Count < MaxFaults)
            _faults.Add((_path + name, rule));
    }

    /// <summary>Finds fault with every field of another name: for bodies in which a slip of the pen would leave something without a bound.</summary>
    /// <param name="names">The names that there are.</param>
    /// <param name="shown">Names that answers show and bodies cannot set, so that an answer may be sent back as it came.</param>
    public void Only(IReadOnlyCollection<string> names, params IReadOnlyCollection<string> shown)
    {
        foreach (var member in _object.EnumerateObject())
        {
            if (!names.Contains(member.Name) && !shown.Contains(member.Name))
                Fault(member.Name, $"is not known; there are '{string.Join("', '", names)}'");
        }
    }

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>Whether the field is there, null or not: where null takes a value away.</summary>
    public bool Mentions(string name) => _object.TryGetProperty(name, out _);

    /// <summary>The field's value as it is; null when absent.</summary>
    public JsonElement? Find(string name) =>
        _object.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>A string that must be there, with at least one character; empty after a fault.</summary>
    public string RequiredText(string name, int maxLength)
    {
        if (Find(name) is null)
        {
            Fault(name, "is required and must be a string");
            return "";
        }

        var text = Text(name, maxLength);
        if (text is "")
            Fault(name, "must not be empty");
        return text ?? "";
    }

    /// <summary>A string; null when absent or at fault.</summary>
    public string? Text(string name, int maxLength)
    {
        if (Find(name) is not { } value)
            return null;
        var text = JsonKinds.TextOf(value, out var rule);
        if (text is not null && text.Length <= maxLength)
            return text;
        Fault(name, rule ?? $"must have at most {maxLength} characters, not {text!.Length}");
        return null;
    }

    /// <summary>One of a few words; null when absent or at fault.</summary>
    public string? Word(string name, params ReadOnlySpan<string> words)
    {
        if (Find(name) is not { } value)
            return null;
        if (JsonKinds.TextOf(value, out _) is { } text && words.Contains(text))
            return text;
        Fault(name, $"must be one of '{string.Join("', '", words)}'");
        return null;
    }

    /// <summary>A whole number in a range; null when absent or at fault.</summary>
    public int? Whole(string name, int min, int max)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
            return number;
        Fault(name, $"must be a whole number from {min} to {max}");
        return null;
    }

    /// <summary>A whole number of 64 bits in a range; null when absent or at fault.</summary>
    public long? WholeLong(string name, long min, long max)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
            return number;
        Fault(name, $"must be a whole number from {min} to {max}");
        return null;
    }

    /// <summary>A moment as <see cref="IsoTime"/> reads it, in UTC; null when absent or at fault.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (JsonKinds.TextOf(value, out _) is { } text && IsoTime.Read(text) is { } time)
            return time;
        Fault(name, "must be a time such as '2030-01-31T12:00:00Z'");
        return null;
    }

    /// <summary>A number in a range; null when absent or at fault.</summary>
    public decimal? Number(string name, decimal min, decimal max)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.Number && value.TryGetDecimal(out var number) && number >= min && number <= max)
            return number;
        Fault(name, $"must be a number from {min} to {max}");
        return null;
    }

    /// <summary>A length of time, written as <c>[d.]hh:mm:ss[.fff]</c>; null when absent or at fault.</summary>
    public TimeSpan? Span(string name, TimeSpan min, TimeSpan max)
    {
        if (Find(name) is not { } value)
            return null;
        if (JsonKinds.TextOf(value, out _) is { } text && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var span) && span >= min && span <= max)
            return span;
        Fault(name, $"must be a time such as '00:00:30', from {min} to {max}");
        return null;
    }

    /// <summary>True or false; null when absent or at fault.</summary>
    public bool? Flag(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Fault(name, $"must be true or false, not {JsonKinds.NameOf(value)}");
        return null;
    }

    /// <summary>An object's fields; null when absent or at fault.</summary>
    public Fields? Object(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.Object)
            return new Fields(value, $"{_path}{name}.", _faults);
        Fault(name, $"must be an object, not {JsonKinds.NameOf(value)}");
        return null;
    }

    /// <summary>An array of strings; null when absent or at fault.</summary>
    public IReadOnlyList<string>? Texts(string name, int maxItems, int maxLength)
    {
        if (Items(name, maxItems) is not { } items)
            return null;
        var texts = new List<string>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (JsonKinds.TextOf(items[i], out var rule) is not { } text)
                Fault($"{name}[{i}]", rule!);
            else if (text.Length is 0 || text.Length > maxLength)
                Fault($"{name}[{i}]", $"must have 1 to {maxLength} characters");
            else
                texts.Add(text);
        }

        return texts;
    }

    /// <summary>An array's items as they are; null when absent or at fault.</summary>
    public IReadOnlyList<JsonElement>? Items(string name, int maxItems)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind is not JsonValueKind.Array)
        {
            Fault(name, $"must be an array, not {JsonKinds.NameOf(value)}");
            return null;
        }

        if (value.GetArrayLength() <= maxItems)
        {
            var items = new List<JsonElement>(value.GetArrayLength());
            foreach (var item in value.EnumerateArray())
                items.Add(item);
            return items;
        }

        Fault(name, $"must have at most {maxItems} items, not {value.GetArrayLength()}");
        return null;
    }
}
