using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace OrleansChat.Core.Search.Passages;

/// <summary>What a <see cref="MetadataValue"/> holds.</summary>
public enum MetadataKind
{
    /// <summary>JSON null; equal only to itself.</summary>
    Null,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A list of the other kinds.</summary>
    List,
}

/// <summary>One metadata field of a document: a string, a number, a Boolean, null, or a list of these.</summary>
[JsonConverter(typeof(MetadataValueJsonConverter))]
public readonly struct MetadataValue : IEquatable<MetadataValue>
{
    private readonly string? _text;
    private readonly double _number;
    private readonly ImmutableArray<MetadataValue> _items;

    private MetadataValue(MetadataKind kind, string? text, double number, ImmutableArray<MetadataValue> items) =>
        (Kind, _text, _number, _items) = (kind, text, number, items);

    /// <summary>What the value is.</summary>
    public MetadataKind Kind { get; }

    /// <summary>A string's text, a number as it was written, <c>true</c>, <c>false</c>, or empty for null and lists.</summary>
    public string Text => _text ?? "";

    /// <summary>A number's value; 0 for every other kind.</summary>
    public double Number => _number;

    /// <summary>A list's values; empty for every other kind.</summary>
    public ImmutableArray<MetadataValue> Items => _items.IsDefault ? [] : _items;

    /// <summary>A string.</summary>
    public static MetadataValue Of(string text) => new(MetadataKind.Text, text, 0, default);

    /// <summary>A number.</summary>
    public static MetadataValue Of(double number) => OfNumber(number.ToString("R", CultureInfo.InvariantCulture), number);

    /// <summary>A Boolean.</summary>
    public static MetadataValue Of(bool value) => new(MetadataKind.Boolean, value ? "true" : "false", 0, default);

    /// <summary>A list.</summary>
    public static MetadataValue Of(params ImmutableArray<MetadataValue> items) => new(MetadataKind.List, null, 0, items);

    /// <summary>Equal kind and content; numbers by value, lists item by item.</summary>
    public bool Equals(MetadataValue other) => Kind == other.Kind && Kind switch
    {
        MetadataKind.Number => _number.Equals(other._number),
        MetadataKind.List => Items.AsSpan().SequenceEqual(other.Items.AsSpan()),
        _ => Text == other.Text,
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MetadataValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Kind switch
    {
        MetadataKind.Number => _number.GetHashCode(),
        MetadataKind.List => Items.Length,
        _ => Text.GetHashCode(StringComparison.Ordinal),
    };

    /// <inheritdoc/>
    public override string ToString() => Kind == MetadataKind.List ? $"[{string.Join(", ", Items)}]" : Text;

    /// <summary>Equality as <see cref="Equals(MetadataValue)"/>.</summary>
    public static bool operator ==(MetadataValue left, MetadataValue right) => left.Equals(right);

    /// <summary>Inequality as <see cref="Equals(MetadataValue)"/>.</summary>
    public static bool operator !=(MetadataValue left, MetadataValue right) => !left.Equals(right);

    // Keeps the spelling, so that a number comes back as it was sent even where a double cannot hold it.
    internal static MetadataValue OfNumber(string written, double number) => new(MetadataKind.Number, written, number, default);
}
