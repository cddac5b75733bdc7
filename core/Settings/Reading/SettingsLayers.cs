using System.Text.Json;

namespace OrleansChat.Core.Settings.Reading;

/// <summary>Reads files, variables and arguments, and lays them over each other.</summary>
internal sealed class SettingsLayers(SettingsPlaces places, SettingsFaults faults)
{
    private const string EnvironmentPrefix = "ORLEANSCHAT__";
    private const string ArgumentPrefix = "--OrleansChat:";

    private static readonly JsonDocumentOptions Json = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>All layers as one.</summary>
    public SettingNode Read()
    {
        var settings = new SettingNode(SettingKind.Group, "the defaults");
        foreach (var file in places.Files.Reverse())
        {
            if (ReadFile(file) is { } layer)
                settings = settings.Under(layer);
        }

        foreach (var (name, value) in places.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
                Set(settings, name[EnvironmentPrefix.Length..].Split("__"), value, $"the variable {name}");
        }

        ReadArguments(settings);
        return settings;
    }

    /// <summary>The variables that are settings.</summary>
    public static IReadOnlyList<string> VariableNames(SettingsPlaces places) =>
        [.. places.Environment.Keys.Where(name => name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];

    /// <summary>The arguments that are settings, without their values.</summary>
    public static IReadOnlyList<string> ArgumentNames(SettingsPlaces places) =>
        [.. places.Arguments.Where(argument => argument.StartsWith(ArgumentPrefix, StringComparison.OrdinalIgnoreCase)).Select(argument => argument.Split('=')[0])];

    private void ReadArguments(SettingNode settings)
    {
        for (var i = 0; i < places.Arguments.Count; i++)
        {
            var argument = places.Arguments[i];
            if (!argument.StartsWith(ArgumentPrefix, StringComparison.OrdinalIgnoreCase))
                continue;

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument : argument[..equals];
            if (equals < 0 && i + 1 >= places.Arguments.Count)
            {
                faults.Add(new SettingsFault(name[2..], null, "the command line", "has no value", $"Write {name}=VALUE."));
                return;
            }

            var value = equals < 0 ? places.Arguments[++i] : argument[(equals + 1)..];
            Set(settings, name[ArgumentPrefix.Length..].Split(':'), value, "the command line");
        }
    }

    private void Set(SettingNode settings, string[] path, string value, string source)
    {
        var key = $"{OrleansChatOptions.SectionName}:{string.Join(':', path)}";
        try
        {
            if (path.Any(part => part.Length == 0))
                throw new FormatException("has an empty part");
            settings.Set(path, new SettingNode(SettingKind.Untyped, source, value));
        }
        catch (FormatException fault)
        {
            faults.Add(new SettingsFault(key, SettingsFaults.MaskIn(key, value), source, fault.Message, "Correct the name."));
        }
    }

    private SettingNode? ReadFile(string path)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Json);
            return Section(document.RootElement, path);
        }
        catch (JsonException fault)
        {
            faults.Add(new SettingsFault(
                path, null, null, $"is not well-formed JSON (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1})", "Correct the file."));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            faults.Add(new SettingsFault(path, null, null, "cannot be read", "Give this user the right to read the file, or remove it."));
        }

        return null;
    }

    private SettingNode? Section(JsonElement root, string path)
    {
        if (root.ValueKind is not JsonValueKind.Object)
        {
            faults.Add(new SettingsFault(path, null, null, "must hold a JSON object", $"Write {{ \"{OrleansChatOptions.SectionName}\": {{ … }} }}."));
            return null;
        }

        SettingNode? section = null;
        foreach (var member in root.EnumerateObject())
        {
            if (member.Name.Equals(OrleansChatOptions.SectionName, StringComparison.OrdinalIgnoreCase))
                section = Node(member.Value, path, OrleansChatOptions.SectionName);
            else if (member.Name != "$schema")
                faults.Add(new SettingsFault(member.Name, null, path, "is not a known section", $"Put settings into \"{OrleansChatOptions.SectionName}\"."));
        }

        return section;
    }

    private SettingNode Node(JsonElement value, string path, string key)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var group = new SettingNode(SettingKind.Group, path);
                foreach (var member in value.EnumerateObject())
                {
                    if (!group.Members.TryAdd(member.Name, Node(member.Value, path, $"{key}:{member.Name}")))
                        faults.Add(new SettingsFault($"{key}:{member.Name}", null, path, "is given twice", "Remove one of the two."));
                }

                return group;
            case JsonValueKind.Array:
                var list = new SettingNode(SettingKind.List, path);
                list.Items.AddRange(value.EnumerateArray().Select((item, i) => Node(item, path, $"{key}:{i}")));
                return list;
            case JsonValueKind.String:
                return new SettingNode(SettingKind.Text, path, value.GetString());
            case JsonValueKind.Null:
                return new SettingNode(SettingKind.Null, path);
            default:
                return new SettingNode(SettingKind.Literal, path, value.GetRawText());
        }
    }
}
