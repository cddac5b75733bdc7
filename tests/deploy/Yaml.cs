using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace OrleansChat.Deploy.Tests;

/// <summary>YAML as maps, lists and texts, with merge keys resolved.</summary>
internal static class Yaml
{
    /// <summary>All documents of a file.</summary>
    public static IReadOnlyList<Node> ReadAll(string path)
    {
        var parser = new MergingParser(new Parser(new StringReader(File.ReadAllText(path))));
        var deserializer = new DeserializerBuilder().Build();
        var documents = new List<Node>();
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
            documents.Add(new Node(deserializer.Deserialize(parser)));
        return documents;
    }

    /// <summary>The YAML files in and under a folder.</summary>
    public static IEnumerable<string> FilesIn(string folder) =>
        Directory.EnumerateFiles(folder, "*.y*ml", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
}

/// <summary>A node of YAML; a node that is not there has no members, items or text.</summary>
/// <param name="value">What was read.</param>
internal sealed class Node(object? value)
{
    public string? Text => value as string;

    public bool Exists => value is not null;

    public Node this[string name] => new(value is IDictionary<object, object> map && map.TryGetValue(name, out var member) ? member : null);

    public IEnumerable<Node> Items => value is IList<object> list ? list.Select(item => new Node(item)) : [];

    public IEnumerable<KeyValuePair<string, Node>> Members =>
        value is IDictionary<object, object> map ? map.Select(member => KeyValuePair.Create((string)member.Key, new Node(member.Value))) : [];

    /// <summary>A path of names separated by '/'.</summary>
    public Node At(string path) => path.Split('/').Aggregate(this, (node, name) => node[name]);

    /// <summary>All nodes under this one, itself included.</summary>
    public IEnumerable<Node> All() => Members.Select(member => member.Value).Concat(Items).SelectMany(node => node.All()).Prepend(this);

    public IEnumerable<string> Texts => Items.Select(item => item.Text!);
}
