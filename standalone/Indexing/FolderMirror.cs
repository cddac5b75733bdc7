namespace OrleansChat.Standalone.Indexing;

/// <summary>Removes from a collection what a folder does not have.</summary>
internal static class FolderMirror
{
    /// <summary>Goes through all documents of a collection.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="origin">The origin of the documents that may go; null for those of any, and of none.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="target">Where it is.</param>
    /// <param name="cancellationToken">Stops between two documents.</param>
    /// <returns>How many were removed.</returns>
    public static async Task<int> RemoveMissingAsync(
        DirectoryInfo folder, string? origin, string collection, IIndexTarget target, CancellationToken cancellationToken)
    {
        var there = FolderReader.Find(folder).Select(file => FolderReader.IdOf(folder, file)).ToHashSet(StringComparer.Ordinal);
        var removed = 0;
        string? cursor = null;
        do
        {
            var page = await target.ListAsync(collection, cursor, cancellationToken);
            foreach (var document in page.Documents.Where(document => (origin is null || document.Origin == origin) && !there.Contains(document.Id)))
            {
                await target.DeleteAsync(collection, document.Id, cancellationToken);
                removed++;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
        return removed;
    }
}
