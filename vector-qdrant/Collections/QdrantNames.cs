using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;

namespace OrleansChat.VectorQdrant.Collections;

/// <summary>
/// What collection versions are called in Qdrant. A version is an alias, such as <c>orleanschat-docs_v3</c>, of a collection,
/// <c>orleanschat-docs_v3.data</c>: the alias is made last, so that a version is there only with all its indexes, and an operator can put a
/// rebuilt collection in the place of another in one step. No alias is a collection's name, because only those end in <c>.data</c>.
/// </summary>
internal sealed class QdrantNames(QdrantOptions options)
{
    /// <summary>What the application calls a version.</summary>
    public string Alias(CollectionVersion version) => options.CollectionPrefix + version;

    /// <summary>The collection that a new version's alias stands for.</summary>
    public string Collection(CollectionVersion version) => Alias(version) + ".data";
}
