using System.Globalization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Tests.Search.Ingestion;

public sealed class CollectionIndexerTests
{
    [Fact]
    public async Task IndexAsync_OfAnUnknownCollection_SaysSo()
    {
        var bench = new SearchBench();
        var failure = await Assert.ThrowsAsync<RequestException>(() => bench.IndexAsync(Document("a", "text")));
        Assert.Equal(ProblemCode.NotFound.Name, failure.Problem.Code);
        failure = await Assert.ThrowsAsync<RequestException>(() => bench.Indexer.IndexAsync("../x", [], SearchPayer.System, CancellationToken.None));
        Assert.Equal(ProblemCode.NotFound.Name, failure.Problem.Code);
    }

    [Fact]
    public async Task IndexAsync_OfNewDocuments_MakesThemFound()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        var report = await bench.IndexAsync(
            Document("a", "# Grains\n\nA grain has one activation.") with { Title = "Guide", Path = "docs/a.md" }, Document("b", "Bread and butter."));

        Assert.Equal((2, 0, 2), (report.Indexed, report.Unchanged, report.Chunks));
        Assert.Empty(report.Rejected);
        var hit = (await bench.FindAsync("grain activation"))[0];
        Assert.Equal(("a", "a#0", "docs/a.md", "Guide > Grains", 1, 3), (hit.DocumentId, hit.ChunkId, hit.Path, hit.Title, hit.StartLine, hit.EndLine));
    }

    [Fact]
    public async Task IndexAsync_OfWhatIsThere_EmbedsNothingEvenAfterARestart()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        var documents = Enumerable.Range(0, 10).Select(i => Document($"d{i}", $"text {i}")).ToArray();
        await bench.IndexAsync(documents);
        var embedded = bench.Embedder.Texts.Count;

        Assert.Equal((0, 10), Counts(await bench.IndexAsync(documents)));
        await bench.RestartAsync();
        Assert.Equal((0, 10), Counts(await bench.IndexAsync(documents)));

        Assert.Equal(embedded, bench.Embedder.Texts.Count);
        Assert.Equal(10, (await bench.Catalog.GetAsync("docs", default)).Documents);
    }

    [Fact]
    public async Task IndexAsync_IntoAStoreThatLostTheCollection_WorksOnceItIsAskedForAgain()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        await bench.IndexAsync(Document("a", "A grain has one activation."));
        await bench.Store.DropAsync((await bench.Collection("docs").FindServingAsync(default))!.Version, default);
        await Assert.ThrowsAsync<RequestException>(() => bench.IndexAsync(Document("a", "A grain has one activation.")));

        await bench.CreateAsync();

        Assert.Equal((1, 0), Counts(await bench.IndexAsync(Document("a", "A grain has one activation."))));
        Assert.Equal("a", Assert.Single(await bench.FindAsync("grain")).DocumentId);
    }

    [Fact]
    public async Task IndexAsync_OfAChangedDocument_EmbedsOnlyTheChunksThatChanged()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        await bench.IndexAsync(Document("a", "# One\n\nApples.\n\n# Two\n\nBread.\n\n# Three\n\nCheese."));
        await bench.RestartAsync();
        var before = bench.Embedder.Texts.Count;

        await bench.IndexAsync(Document("a", "# One\n\nApples.\n\n# Two\n\nButter.\n\n# Three\n\nCheese."));

        Assert.Equal(["Two\nButter."], bench.Embedder.Texts.Skip(before).Select(text => text.Replace("# Two\n\n", "")));
        Assert.Equal("a#1", (await bench.FindAsync("butter"))[0].ChunkId);
        Assert.Equal("a#2", (await bench.FindAsync("cheese"))[0].ChunkId);
    }

    [Fact]
    public async Task IndexAsync_OfThousandsOfDocuments_AsksTheModelInBatches()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        var before = bench.Embedder.Batches.Count;

        var report = await bench.IndexAsync([.. Enumerable.Range(0, 2_500).Select(number => Document($"d{number}", $"text {number}"))]);

        Assert.Equal(2_500, report.Indexed);
        Assert.All(bench.Embedder.Batches, batch => Assert.InRange(batch, 1, 1_000));
        Assert.Equal(2_500, bench.Embedder.Batches.Skip(before).Sum());
    }

    [Fact]
    public async Task IndexAsync_OfManyBatches_HasSeveralUnderWayAtATime()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        var (calls, four) = (0, new TaskCompletionSource());
        bench.Embedder.BeforeAnswer = _ =>
        {
            if (Interlocked.Increment(ref calls) == 4)
                four.SetResult();
            return four.Task;
        };

        var report = await bench.IndexAsync([.. Enumerable.Range(0, 40).Select(number => Document($"d{number}", $"text {number}"))])
            .WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(40, report.Indexed);
    }

    [Fact]
    public async Task IndexAsync_OfAChangedField_IndexesAgain()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        var document = Document("a", "text") with { Metadata = Fields(("x", 1), ("y", 2)) };
        await bench.IndexAsync(document);
        Assert.Equal((0, 1), Counts(await bench.IndexAsync(document with { Metadata = Fields(("y", 2), ("x", 1)) })));
        Assert.Equal((1, 0), Counts(await bench.IndexAsync(document with { Metadata = Fields(("x", 1), ("y", 3)) })));
        Assert.Equal((1, 0), Counts(await bench.IndexAsync(document with { Title = "title" })));
        Assert.Equal((1, 0), Counts(await bench.IndexAsync(document with { Text = "other" })));
        await bench.Catalog.PutAsync("docs", null, "markdown", default);
        Assert.Equal((1, 0), Counts(await bench.IndexAsync(document with { Text = "other" })));
    }

    [Fact]
    public async Task IndexAsync_WithBadDocuments_RejectsThemAndTakesTheOthers()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        bench.Log.MaxValueBytes = 20_000;
        var report = await bench.IndexAsync(
            Document("good", "text"), Document("", "text"), Document("blank", " \n"), Document("good", "again"), Document("nul", "a\0b"),
            Document("half", "a\ud83d"), Document("\udc00", "text"),
            Document("path", "text") with { Path = "a\nb" }, Document("large", string.Concat(Enumerable.Repeat("word ", 10_000))));

        Assert.Equal(1, report.Indexed);
        Assert.Equal(["", "blank", "good", "nul", "half", "\udc00", "path", "large"], report.Rejected.Select(rejected => rejected.Id));
        Assert.Equal(["id", "text", "id", "text", "text", "id", "path"], report.Rejected.Take(7).Select(rejected => rejected.Problem.Subject));
        Assert.Equal(ProblemCode.TooLarge.Name, report.Rejected[^1].Problem.Code);
    }

    [Fact]
    public async Task IndexAsync_WhenTheModelRefusesOneText_RejectsThatDocumentAlone()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        bench.Embedder.BeforeAnswer = texts => texts.Any(text => text.Contains("bad", StringComparison.Ordinal))
            ? throw new UpstreamException("scripted", UpstreamFailure.InvalidRequest, "bad text")
            : Task.CompletedTask;
        var report = await bench.IndexAsync(Document("a", "fine"), Document("b", "bad"), Document("c", "also fine"));
        Assert.Equal(2, report.Indexed);
        Assert.Equal("b", Assert.Single(report.Rejected).Id);
    }

    [Theory]
    [InlineData(25, 0)]
    [InlineData(26, 1)]
    public async Task IndexAsync_WhenTheModelGivesOtherVectors_FailsAndKeepsTheOldDocument(int dimension, int missing)
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        await bench.IndexAsync(Document("a", "old"));
        (bench.Embedder.Dimension, bench.Embedder.Missing) = (dimension, missing);

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => bench.IndexAsync(Document("a", "new")));

        Assert.Equal(UpstreamFailure.Protocol, failure.Failure);
        (bench.Embedder.Dimension, bench.Embedder.Missing) = (26, 0);
        Assert.Equal("old", Assert.Single(await bench.FindAsync("old new")).Text);
    }

    [Fact]
    public async Task IndexAsync_WhenTheModelChangesItsDimensionUnderWay_KeepsWhatFitsAndTakesTheRestLater()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        SourceDocument[] documents = [.. Enumerable.Range(0, 12).Select(i => Document($"d{i}", $"# A\ncommon one {i}\n\n# B\ncommon two {i}"))];

        // From the fifth document on.
        bench.Embedder.DimensionOf = static text =>
            int.TryParse(text.AsSpan(text.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture, out var document) && document >= 4 ? 30 : 26;

        await Assert.ThrowsAsync<UpstreamException>(() => bench.IndexAsync(documents));

        var there = (await bench.FindAsync("common")).GroupBy(hit => hit.DocumentId).ToList();
        Assert.Equal(["d0", "d1", "d2", "d3"], there.Select(document => document.Key).Order(StringComparer.Ordinal));
        Assert.All(there, document => Assert.Equal(2, document.Count()));
        bench.Embedder.DimensionOf = null;
        var report = await bench.IndexAsync(documents);
        Assert.Equal((8, 4), (report.Indexed, report.Unchanged));
    }

    [Fact]
    public async Task IndexAsync_OfOneIdTwiceAtOnce_LeavesTheLaterOneWhole()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        var held = new TaskCompletionSource();
        bench.Embedder.BeforeAnswer = texts => texts[0].Contains("first", StringComparison.Ordinal) ? held.Task : Task.CompletedTask;

        var first = bench.IndexAsync(Document("a", "# One\nfirst\n\n# Two\nfirst"));
        await bench.IndexAsync(Document("a", "second"));
        held.SetResult();
        await first;

        Assert.Equal("second", Assert.Single(await bench.FindAsync("first second")).Text);
        Assert.Equal((0, 1), Counts(await bench.IndexAsync(Document("a", "second"))));
    }

    [Fact]
    public async Task DeleteAsync_RemovesTheDocumentForGood()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        await bench.IndexAsync(Document("a", "text"));
        Assert.True(await bench.Indexer.DeleteAsync("docs", "a", default));
        Assert.False(await bench.Indexer.DeleteAsync("docs", "a", default));
        await bench.RestartAsync();
        Assert.Empty(await bench.FindAsync("text"));
        Assert.Equal((1, 0), Counts(await bench.IndexAsync(Document("a", "text"))));
    }

    [Fact]
    public async Task IndexAsync_AfterACrashInTheMiddle_LeavesWholeDocumentsOnly()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        var writes = 0;
        bench.Log.BeforeWrite = _ => ++writes > 3 ? throw new StorageException("The process is gone.") : Task.CompletedTask;
        var documents = Enumerable.Range(0, 9).Select(i => Document($"d{i}", $"# A\nword {i}\n\n# B\nword {i}")).ToArray();
        await Assert.ThrowsAsync<StorageException>(() => bench.IndexAsync(documents));

        bench.Log.BeforeWrite = null;
        await bench.RestartAsync();
        Assert.Equal((3, 6), ((await bench.Catalog.GetAsync("docs", default)).Documents, (await bench.Catalog.GetAsync("docs", default)).Chunks));
        Assert.Equal((6, 3), Counts(await bench.IndexAsync(documents)));
    }

    private static (int Indexed, int Unchanged) Counts(IngestionReport report) => (report.Indexed, report.Unchanged);

    private static Dictionary<string, MetadataValue> Fields(params (string Key, double Value)[] fields) =>
        fields.ToDictionary(field => field.Key, field => MetadataValue.Of(field.Value));

    private static SourceDocument Document(string id, string text) => new() { Id = id, Text = text, Kind = "markdown" };
}
