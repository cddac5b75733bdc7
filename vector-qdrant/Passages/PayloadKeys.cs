namespace OrleansChat.VectorQdrant.Passages;

/// <summary>
/// The names in the payload of points and of their vectors. They are the format on disk: a change needs a new version of every collection.
/// </summary>
internal static class PayloadKeys
{
    /// <summary>The dense vector.</summary>
    public const string Dense = "dense";

    /// <summary>The sparse vector of term weights.</summary>
    public const string Words = "words";

    /// <summary>What a point is: one of the next three.</summary>
    public const string Type = "type";

    /// <summary>A <see cref="Type"/>: a passage, with vectors.</summary>
    public const string Passage = "passage";

    /// <summary>A <see cref="Type"/>: the head of a document, without vectors.</summary>
    public const string Head = "document";

    /// <summary>A <see cref="Type"/>: the head of a document that was deleted.</summary>
    public const string Deletion = "deletion";

    /// <summary>The document's id.</summary>
    public const string Document = "document";

    /// <summary>The change that made the point.</summary>
    public const string Revision = "revision";

    /// <summary>A head's content hash.</summary>
    public const string Hash = "hash";

    /// <summary>How many passages a head stands for.</summary>
    public const string Chunks = "chunks";

    /// <summary>What a head's document was taken from; absent for one that was sent by itself.</summary>
    public const string Origin = "origin";

    /// <summary>When a document was deleted, in seconds since 1970.</summary>
    public const string DeletedAt = "deletedAt";

    /// <summary>A passage's place in its document.</summary>
    public const string Ordinal = "ordinal";

    /// <summary>A passage's text.</summary>
    public const string Text = "text";

    /// <summary>A passage's title.</summary>
    public const string Title = "title";

    /// <summary>The document's path.</summary>
    public const string Path = "path";

    /// <summary>The document's kind.</summary>
    public const string Kind = "kind";

    /// <summary>A passage's first line.</summary>
    public const string StartLine = "startLine";

    /// <summary>What a passage is as source code, in JSON; absent for other text.</summary>
    public const string Code = "code";

    /// <summary>A passage's last line.</summary>
    public const string EndLine = "endLine";

    /// <summary>The document's metadata as JSON, to give it back as it came.</summary>
    public const string Metadata = "metadata";

    /// <summary>One keyword for each value of each field, for tests of equality.</summary>
    public const string Facts = "facts";

    /// <summary>One object for each number and text of each field, for ranges and prefixes.</summary>
    public const string Fields = "fields";

    /// <summary>In <see cref="Fields"/>: the field's name.</summary>
    public const string FieldName = "k";

    /// <summary>In <see cref="Fields"/>: a number.</summary>
    public const string FieldNumber = "n";

    /// <summary>In <see cref="Fields"/>: what the pieces of a text begin with.</summary>
    public const string FieldPiece = "c";
}
