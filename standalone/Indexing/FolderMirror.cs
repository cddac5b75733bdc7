namespace OrleansChat.Standalone.Indexing;

/// <summary>Removes from a collection what a folder does not have.</summary>
internal static class FolderMirror
{
    /// <summary>Goes through all ids of a collection.</summary>
    /// <returns>How many were removed.</returns>
    public static async Task<int> RemoveMissingAsync(DirectoryInfo folder, string collection, IIndexTarget target, CancellationToken cancellationToken)
    {
        var there = FolderReader.Find(folder).Select(file => FolderReader.IdOf(folder, file)).ToHashSet(StringComparer.Ordinal);
        var removed = 0;
        string? cursor = null;
        do
        {
            var page = await target.ListAsync(collection, cursor, cancellationToken);
            foreach (var id in page.Ids.Where(id => !there.Contains(id)))
            {
                await target.DeleteAsync(collection, id, cancellationToken);
                removed++;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
        return removed;
    }
}
