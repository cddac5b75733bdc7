using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Ingestion;
using Spectre.Console;

namespace OrleansChat.Standalone.Indexing;

/// <summary>Indexes a folder, batch by batch, so that its size does not matter to memory.</summary>
internal static class FolderIndexing
{
    private const int MaxBatchDocuments = 100;
    private const int MaxBatchCharacters = 2_000_000;
    private const int ShownRejections = 10;

    /// <summary>Indexes a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="target">Where the documents go.</param>
    /// <param name="progress">Told of the files done and all.</param>
    /// <param name="mirrors">Whether the collection loses all that the folder does not have, and not only what was taken from the folder.</param>
    /// <param name="cancellationToken">Stops between two batches; what is indexed stays.</param>
    public static async Task<IndexedBatch> RunAsync(
        DirectoryInfo folder, string collection, IIndexTarget target, Action<int, int> progress, bool mirrors, CancellationToken cancellationToken)
    {
        // Counted first and found again, so that not even the names of a large tree are in memory together.
        var count = FolderReader.Find(folder).Count();
        await target.PrepareAsync(collection, cancellationToken);
        var total = IndexedBatch.Empty;
        var origin = FolderReader.OriginOf(folder);
        var batch = new List<SourceDocument>();
        var characters = 0;
        var done = 0;
        foreach (var file in FolderReader.Find(folder))
        {
            var (document, rejected) = await FolderReader.ReadAsync(folder, file, cancellationToken);
            done++;
            if (rejected is not null)
                total += IndexedBatch.Empty with { Rejected = [rejected] };

            if (document is not null)
            {
                batch.Add(document with { Origin = origin });
                characters += document.Text.Length;
            }

            if (batch.Count >= MaxBatchDocuments || characters >= MaxBatchCharacters)
                await SendAsync();
        }

        await SendAsync();
        return total with { Removed = await FolderMirror.RemoveMissingAsync(folder, mirrors ? null : origin, collection, target, cancellationToken) };

        async Task SendAsync()
        {
            if (batch.Count > 0)
                total += await target.IndexAsync(collection, batch, cancellationToken);

            batch = [];
            characters = 0;
            progress(done, Math.Max(done, count));
        }
    }

    /// <summary>Indexes a folder with a progress bar and a summary.</summary>
    /// <returns>The exit code: 0, or 1 when the folder or the server is not there.</returns>
    public static async Task<int> RunWithProgressAsync(
        DirectoryInfo folder, string collection, IIndexTarget target, bool mirrors, CancellationToken cancellationToken)
    {
        if (!folder.Exists)
        {
            await Console.Error.WriteLineAsync($"There is no folder '{folder.FullName}'.");
            return 1;
        }

        try
        {
            var total = await AnsiConsole.Progress().StartAsync(async context =>
            {
                var bar = context.AddTask($"Indexing {Markup.Escape(folder.Name)}");
                return await RunAsync(folder, collection, target, (done, all) => (bar.MaxValue, bar.Value) = (Math.Max(all, 1), done), mirrors, cancellationToken);
            });
            Summarise(total, collection);
            return 0;
        }
        catch (OrleansChatException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            foreach (var suggestion in fault.Problem.Suggestions)
                await Console.Error.WriteLineAsync($"  {suggestion}");

            return 1;
        }
    }

    /// <summary>Prints what became of a folder.</summary>
    public static void Summarise(IndexedBatch total, string collection)
    {
        Console.WriteLine(
            $"Collection '{collection}': {total.Indexed} indexed, {total.Unchanged} unchanged, {total.Chunks} chunks, {total.Rejected.Count} rejected{(total.Removed > 0 ? $", {total.Removed} removed" : "")}.");
        foreach (var rejected in total.Rejected.Take(ShownRejections))
            Console.WriteLine($"  {rejected.Id}: {rejected.Reason}");

        if (total.Rejected.Count > ShownRejections)
            Console.WriteLine($"  … and {total.Rejected.Count - ShownRejections} more");
    }
}
