using System.Globalization;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>One content of a document: sections that each are a passage and each begin with a word that no other content has.</summary>
/// <param name="Word">That word.</param>
/// <param name="Parts">How many sections there are.</param>
/// <param name="Group">A field to filter by.</param>
internal sealed record ModelDocument(string Word, int Parts, int Group)
{
    /// <summary>A word that every passage has.</summary>
    public const string Common = "everywhere";

    /// <summary>The field of <see cref="Group"/>.</summary>
    public const string Field = "group";

    /// <summary>What an embedding model refuses.</summary>
    public const string Offence = "offence";

    /// <summary>The document as a caller sends it.</summary>
    public SourceDocument Source(string id) => new()
    {
        Id = id,
        Kind = "markdown",
        Text = string.Join("\n\n", Enumerable.Range(0, Parts).Select(Part)),
        Metadata = new Dictionary<string, MetadataValue> { [Field] = MetadataValue.Of(Group) },
    };

    /// <summary>The content that a passage is of.</summary>
    /// <param name="text">The passage's text.</param>
    public static string WordOf(string text) => text[(text.LastIndexOf('\n') + 1)..].Split(' ')[0];

    private string Part(int part) => string.Create(CultureInfo.InvariantCulture, $"# Part {part}\n\n{Word} {Common} {part}");
}
