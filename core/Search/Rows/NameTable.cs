namespace OrleansChat.Core.Search.Rows;

/// <summary>The few names that occur again and again, such as those of languages, by small numbers. One writer; readers beside it.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private string?[] _names = [null];

    /// <summary>A name's number, a new one for a new name; 0 for none.</summary>
    public int NumberOf(string? name)
    {
        if (name is null)
            return 0;
        if (_numbers.TryGetValue(name, out var number))
            return number;
        number = _numbers[name] = _names.Length;
        Volatile.Write(ref _names, [.. _names, name]);
        return number;
    }

    /// <summary>The name of a number.</summary>
    public string? this[long number] => Volatile.Read(ref _names)[number];
}
