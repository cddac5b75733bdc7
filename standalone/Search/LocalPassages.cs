using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Settings;

namespace OrleansChat.Standalone.Search;

/// <summary>How one machine keeps its passages: texts and full vectors in mapped files beside the journal, the rest in memory.</summary>
internal static class LocalPassages
{
    private const string Folder = "passages";

    /// <summary>The options of the store, but for the dimension of each collection.</summary>
    public static PassageIndexOptions Options(OrleansChatOptions options) => new()
    {
        Precision = options.Search.VectorPrecision,
        Stores = new MappedStores(Path.Combine(options.DataDirectory, Folder)),
    };
}
