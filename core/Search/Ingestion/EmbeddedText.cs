using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>What of a passage is embedded: what is searched, so its title along with its text.</summary>
internal static class EmbeddedText
{
    /// <summary>The text that a model is given for a passage.</summary>
    public static string Of(IndexedPassage passage) => passage.Title is { } title ? $"{title}\n{passage.Text}" : passage.Text;
}
