using System.IO.Compression;
using System.Text;
using OrleansChat.Standalone.Indexing;
using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Indexing;

public sealed class FolderReaderTests
{
    [Fact]
    public void Find_InACheckout_LeavesOutWhatItsIgnoreFilesSay()
    {
        using var folder = new TemporaryFolder();
        Write(folder, ".git/config", "[core]");
        Write(folder, ".git/notes.md", "inside of git");
        Write(folder, ".git/info/exclude", "mine.md\n");
        Write(folder, ".gitignore", "*.log\n!keep.log\n/out/\ndeep/**/draft.md\n");
        Write(folder, "a.log", "x");
        Write(folder, "keep.log", "x");
        Write(folder, "mine.md", "x");
        Write(folder, "out/a.md", "x");
        Write(folder, "out/.gitignore", "!a.md\n");
        Write(folder, "sub/out/a.md", "x");
        Write(folder, "deep/a/b/draft.md", "x");
        Write(folder, "sub/.gitignore", "!special.log\nkeep.log\n");
        Write(folder, "sub/special.log", "x");
        Write(folder, "sub/keep.log", "x");
        Write(folder, "sub/.ignore", "secret.md\n");
        Write(folder, "sub/secret.md", "x");
        Write(folder, "node_modules/m.js", "x");
        Write(folder, "Dockerfile", "FROM x");
        Write(folder, "picture.png", "x");

        Assert.Equal(["Dockerfile", "keep.log", "sub/out/a.md", "sub/special.log"], Find(folder.Path, folder.Path));

        // A folder of a checkout follows what is said above it.
        Assert.Equal(["sub/out/a.md", "sub/special.log"], Find(folder.Path, Path.Combine(folder.Path, "sub")));
    }

    [Fact]
    public void Find_WhereLinksLeadOutOfTheFolder_DoesNotFollowThem()
    {
        using var elsewhere = new TemporaryFolder();
        Write(elsewhere, "secret.md", "not to be indexed");
        using var folder = new TemporaryFolder();
        Write(folder, "a.md", "x");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "link.md"), Path.Combine(elsewhere.Path, "secret.md"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "linked"), elsewhere.Path);

        Assert.Equal(["a.md"], Find(folder.Path, folder.Path));
    }

    [Fact]
    public void Find_InAPlainFolder_FollowsItsIgnoreFilesToo()
    {
        using var folder = new TemporaryFolder();
        Write(folder, ".gitignore", "b.md");
        Write(folder, "a.md", "x");
        Write(folder, "b.md", "x");
        Write(folder, ".hidden/c.md", "x");
        Assert.Equal(["a.md"], Find(folder.Path, folder.Path));
    }

    [Theory]
    [InlineData("binary.md", new byte[] { 65, 0, 66 }, "binary")]
    [InlineData("latin.md", new byte[] { 65, 0xE4, 66 }, "not UTF-8")]
    [InlineData("empty.md", new byte[] { 32, 10 }, "empty")]
    public async Task ReadAsync_OfWhatIsNoText_SaysWhy(string name, byte[] bytes, string reason)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(Path.Combine(folder.Path, name), bytes);
        var (document, rejected) = await FolderReader.ReadAsync(new DirectoryInfo(folder.Path), new FileInfo(Path.Combine(folder.Path, name)), default);
        Assert.Null(document);
        Assert.Equal(new RejectedFile(name, reason), rejected);
    }

    [Theory]
    [InlineData("all.zip")]
    [InlineData("all.md")]
    public async Task ReadAsync_OfAnArchiveOfTexts_SaysThatItIsBinary(string name)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, name);
        await using (var archive = await ZipFile.OpenAsync(path, ZipArchiveMode.Create))
        {
            for (var i = 0; i < 100; i++)
            {
                await using var text = await archive.CreateEntry($"../{i}.md", CompressionLevel.NoCompression).OpenAsync();
                await text.WriteAsync("# A heading\n\nAnd text.\n"u8.ToArray());
            }
        }

        var (document, rejected) = await FolderReader.ReadAsync(new DirectoryInfo(folder.Path), new FileInfo(path), default);
        Assert.Null(document);
        Assert.Equal(new RejectedFile(name, "binary"), rejected);
    }

    [Fact]
    public async Task ReadAsync_OfAHundredMegabytes_SaysSoWithoutReading()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "large.log");
        await using (var file = File.Create(path))
            file.SetLength(100 << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var (_, rejected) = await FolderReader.ReadAsync(new DirectoryInfo(folder.Path), new FileInfo(path), default);

        Assert.Contains("104,857,600 bytes", rejected!.Reason, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public async Task RunAsync_OfAFolderWithBadFiles_IndexesTheOthersAndTellsItsProgress()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 250; i++)
            Write(folder, $"{i:D3}.md", $"Text {i}");
        File.WriteAllBytes(Path.Combine(folder.Path, "bad.md"), [0]);
        var target = new CountingTarget();
        var steps = new List<(int Done, int All)>();

        var total = await FolderIndexing.RunAsync(new DirectoryInfo(folder.Path), "docs", target, (done, all) => steps.Add((done, all)), mirrors: false, default);

        Assert.Equal(250, total.Indexed);
        Assert.Equal(["bad.md"], total.Rejected.Select(rejected => rejected.Id));
        Assert.All(target.Batches, batch => Assert.InRange(batch, 1, 100));
        Assert.Equal((251, 251), steps[^1]);
        Assert.All(steps, step => Assert.Equal(251, step.All));
    }

    [Fact]
    public async Task RunAsync_OfAFolderThatLostFiles_RemovesTheirDocumentsAndNoOthers()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["a.md", "b.md", "c.md"])
            Write(folder, name, "Text");
        var target = new CountingTarget { Origins = { ["sent.md"] = null, ["other.md"] = "file://elsewhere/docs" } };
        await FolderIndexing.RunAsync(new DirectoryInfo(folder.Path), "docs", target, (_, _) => { }, mirrors: false, default);

        File.Delete(Path.Combine(folder.Path, "b.md"));
        var total = await FolderIndexing.RunAsync(
            new DirectoryInfo(folder.Path + Path.DirectorySeparatorChar), "docs", target, (_, _) => { }, mirrors: false, default);

        Assert.Equal(["a.md", "c.md", "other.md", "sent.md"], target.Origins.Keys);
        Assert.Equal(1, total.Removed);
    }

    [Fact]
    public void OriginOf_IsAnAddressThatTellsMachinesAndFoldersApart()
    {
        using var folder = new TemporaryFolder();
        var origin = new Uri(FolderReader.OriginOf(new DirectoryInfo(Path.Combine(folder.Path, "my docs #1"))));

        Assert.Equal(("file", Environment.MachineName.ToLowerInvariant()), (origin.Scheme, origin.Host));
        Assert.EndsWith("/my%20docs%20%231", origin.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ThatMirrors_RemovesWhatTheFolderHasNoMore()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["a.md", "b.md", "c.md", "bad.md"])
            Write(folder, name, "Text");
        File.WriteAllBytes(Path.Combine(folder.Path, "bad.md"), [0]);
        Write(folder, ".gitignore", "c.md");
        var target = new CountingTarget();
        foreach (var id in (string[])["a.md", "c.md", "bad.md", "gone.md", "deep/gone.md", "../outside.md"])
            target.Origins[id] = null;

        var total = await FolderIndexing.RunAsync(new DirectoryInfo(folder.Path), "docs", target, (_, _) => { }, mirrors: true, default);

        // A file that cannot be read at the moment is still one that the folder has.
        Assert.Equal(["a.md", "b.md", "bad.md"], target.Origins.Keys);
        Assert.Equal((2, 4), (total.Indexed, total.Removed));
    }

    private static IEnumerable<string> Find(string root, string folder) =>
        FolderReader.Find(new DirectoryInfo(folder)).Select(file => Path.GetRelativePath(root, file.FullName).Replace('\\', '/'));

    private static void Write(TemporaryFolder folder, string path, string text)
    {
        var file = Path.Combine(folder.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text, Encoding.UTF8);
    }

    private sealed class CountingTarget : IIndexTarget
    {
        public List<int> Batches { get; } = [];

        /// <summary>The origins of the documents by their ids.</summary>
        public SortedDictionary<string, string?> Origins { get; } = new(StringComparer.Ordinal);

        public Task PrepareAsync(string collection, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<IndexedBatch> IndexAsync(
            string collection, IReadOnlyList<Core.Search.Ingestion.SourceDocument> documents, CancellationToken cancellationToken)
        {
            Batches.Add(documents.Count);
            foreach (var document in documents)
                Origins[document.Id] = document.Origin;
            return Task.FromResult(IndexedBatch.Empty with { Indexed = documents.Count });
        }

        // Two at a time.
        public Task<(IReadOnlyList<ListedDocument> Documents, string? Next)> ListAsync(string collection, string? cursor, CancellationToken cancellationToken)
        {
            ListedDocument[] page =
                [.. Origins.Where(document => string.CompareOrdinal(document.Key, cursor) > 0).Take(2).Select(document => new ListedDocument(document.Key, document.Value))];
            return Task.FromResult<(IReadOnlyList<ListedDocument>, string?)>((page, page.Length == 2 ? page[^1].Id : null));
        }

        public Task DeleteAsync(string collection, string id, CancellationToken cancellationToken)
        {
            Assert.True(Origins.Remove(id));
            return Task.CompletedTask;
        }
    }
}
