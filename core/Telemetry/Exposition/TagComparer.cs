using System.Diagnostics.CodeAnalysis;

namespace OrleansChat.Core.Telemetry.Exposition;

/// <summary>Finds the series of a measurement's tags without copying them.</summary>
internal sealed class TagComparer
    : IEqualityComparer<KeyValuePair<string, object?>[]>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, KeyValuePair<string, object?>[]>
{
    public static readonly TagComparer Instance = new();

    public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) => x is not null && y is not null && Equals(x.AsSpan(), y);

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, KeyValuePair<string, object?>[] other)
    {
        if (alternate.Length != other.Length)
            return false;
        for (var i = 0; i < other.Length; i++)
        {
            if (alternate[i].Key != other[i].Key || !object.Equals(alternate[i].Value, other[i].Value))
                return false;
        }

        return true;
    }

    public int GetHashCode([DisallowNull] KeyValuePair<string, object?>[] obj) => GetHashCode(obj.AsSpan());

    // Values alone tell series apart, and of those a few characters: this runs ten times a request, and a family has few series, whatever clients send.
    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = alternate.Length;
        foreach (var tag in alternate)
            hash = unchecked((hash * 31) + Hash(tag.Value));
        return hash;
    }

    public KeyValuePair<string, object?>[] Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => alternate.ToArray();

    private static int Hash(object? value) => value switch
    {
        null => 0,
        string { Length: > 0 } text => unchecked((((text[0] * 31) + text[text.Length / 2]) * 31) + (text[^1] * 31) + text.Length),
        _ => value.GetHashCode(),
    };
}
