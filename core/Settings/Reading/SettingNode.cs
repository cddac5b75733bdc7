namespace OrleansChat.Core.Settings.Reading;

/// <summary>What a setting was written as.</summary>
internal enum SettingKind
{
    /// <summary>Nothing: a JSON null.</summary>
    Null,

    /// <summary>A JSON string.</summary>
    Text,

    /// <summary>A JSON number or boolean, as its text.</summary>
    Literal,

    /// <summary>Text of a variable or an argument, which has no type of its own.</summary>
    Untyped,

    /// <summary>A list.</summary>
    List,

    /// <summary>Members by name.</summary>
    Group,
}

/// <summary>A setting as it was written, and where.</summary>
internal sealed class SettingNode(SettingKind kind, string source, string? text = null)
{
    /// <summary>What it was written as.</summary>
    public SettingKind Kind { get; private set; } = kind;

    /// <summary>Where: a file's path, a variable's name, the command line.</summary>
    public string Source { get; } = source;

    /// <summary>The text of a single value.</summary>
    public string? Text { get; } = text;

    /// <summary>Members of a group; names do not differ by case.</summary>
    public Dictionary<string, SettingNode> Members { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Items of a list.</summary>
    public List<SettingNode> Items { get; } = [];

    /// <summary>Lays a higher layer over this one: groups are merged, everything else is replaced, lists as a whole.</summary>
    /// <param name="higher">The higher layer.</param>
    /// <returns>What holds.</returns>
    public SettingNode Under(SettingNode higher)
    {
        if (Kind is not SettingKind.Group || higher.Kind is not SettingKind.Group)
            return higher;

        foreach (var (name, member) in higher.Members)
            Members[name] = Members.TryGetValue(name, out var lower) ? lower.Under(member) : member;
        return this;
    }

    /// <summary>Sets one value by its path; numbers on the path are places in a list.</summary>
    /// <param name="path">Names and places, at least one.</param>
    /// <param name="value">The value.</param>
    public void Set(ReadOnlySpan<string> path, SettingNode value)
    {
        var isLast = path.Length == 1;
        if (int.TryParse(path[0], out var place) && place >= 0 && (Kind is SettingKind.List || (Kind is SettingKind.Group && Members.Count == 0)))
        {
            Kind = SettingKind.List;
            if (place > Items.Count)
                throw new FormatException($"leaves out the items before {place}; the list has {Items.Count}");
            if (place == Items.Count)
                Items.Add(new SettingNode(SettingKind.Group, value.Source));
            if (isLast)
                Items[place] = value;
            else
                Items[place].Set(path[1..], value);
            return;
        }

        if (isLast)
        {
            Members[path[0]] = value;
            return;
        }

        if (!Members.TryGetValue(path[0], out var member) || member.Kind is not (SettingKind.Group or SettingKind.List))
            Members[path[0]] = member = new SettingNode(SettingKind.Group, value.Source);
        member.Set(path[1..], value);
    }
}
