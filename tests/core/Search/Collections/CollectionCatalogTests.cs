using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Ingestion;

namespace OrleansChat.Core.Tests.Search.Collections;

public sealed class CollectionCatalogTests
{
    [Fact]
    public async Task PutAsync_OfANewName_CreatesTheCollectionAndListsIt()
    {
        var bench = new SearchBench();
        var (collection, isNew) = await bench.Catalog.PutAsync("docs", "scripted/letters", null, default);
        Assert.True(isNew);
        Assert.Equal(("docs", 1, "scripted/letters", "auto", 0L, 0L), (collection.Name, collection.Version, collection.EmbeddingModel, collection.Chunker, collection.Documents, collection.Chunks));

        await bench.RestartAsync();
        Assert.False((await bench.Catalog.PutAsync("docs", null, null, default)).IsNew);
        Assert.Equal(collection, Assert.Single(await bench.Catalog.ListAsync(default)));
    }

    [Fact]
    public async Task PutAsync_WithoutAModel_TakesTheDefault() =>
        Assert.Equal("builtin/hashing", (await new SearchBench().Catalog.PutAsync("docs", null, null, default)).Collection.EmbeddingModel);

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("ümlaut")]
    public async Task PutAsync_OfABadName_IsRefused(string name)
    {
        var failure = await Assert.ThrowsAsync<RequestException>(async () => await new SearchBench().Catalog.PutAsync(name, null, null, default));
        Assert.Equal("name", failure.Problem.Subject);
    }

    [Theory]
    [InlineData("model-without-upstream", null, "embeddingModel")]
    [InlineData(null, "unknown", "chunker")]
    public async Task PutAsync_OfABadSetting_IsRefused(string? model, string? chunker, string subject)
    {
        var failure = await Assert.ThrowsAsync<RequestException>(async () => await new SearchBench().Catalog.PutAsync("docs", model, chunker, default));
        Assert.Equal(subject, failure.Problem.Subject);
    }

    [Fact]
    public async Task PutAsync_OfAnotherModel_MakesAVersionWhileThereAreNoDocumentsAndIsRefusedAfterwards()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        bench.Embedder.Dimension = 5;
        Assert.Equal(2, (await bench.Catalog.PutAsync("docs", "scripted/five", null, default)).Collection.Version);

        await bench.IndexAsync(new SourceDocument { Id = "a", Text = "text" });
        var failure = await Assert.ThrowsAsync<RequestException>(async () => await bench.Catalog.PutAsync("docs", "scripted/letters", null, default));
        Assert.Equal("embeddingModel", failure.Problem.Subject);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task PutAsync_ThatFailsAtAnyWrite_LeavesNoCollectionThatIsNotListed(int write)
    {
        var bench = new SearchBench();
        bench.States.BeforeWrite = _ => --write == 0 ? throw new StorageException("The disk is full.") : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(bench.CreateAsync);
        await bench.RestartAsync();
        var exists = await bench.Collection("docs").FindServingAsync(default) is not null;
        Assert.Equal(exists ? ["docs"] : [], (await bench.Catalog.ListAsync(default)).Select(collection => collection.Name));
    }

    [Fact]
    public async Task GetAsync_OfAnUnknownName_IsNotFound()
    {
        var failure = await Assert.ThrowsAsync<RequestException>(async () => await new SearchBench().Catalog.GetAsync("docs", default));
        Assert.Equal(ProblemCode.NotFound.Name, failure.Problem.Code);
    }

    [Fact]
    public async Task BeginIngestionAsync_AfterACrash_GivesNoRevisionTwice()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        var highest = 0L;
        for (var run = 0; run < 5; run++)
        {
            for (var call = 0; call < 30; call++)
            {
                var ticket = await bench.Collection("docs").BeginIngestionAsync(100, default);
                Assert.True(ticket!.FirstRevision > highest);
                highest = ticket.FirstRevision + 99;
            }

            await bench.RestartAsync();
        }
    }

    [Fact]
    public async Task BeginIngestionAsync_WritesOnceInManyCalls()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        var before = bench.States.Writes;
        for (var call = 0; call < 1_000; call++)
            await bench.Collection("docs").BeginIngestionAsync(1, default);
        Assert.Equal(1, bench.States.Writes - before);
    }
}
