using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Querying;

namespace OrleansChat.Core.Tests.Search.Querying;

public sealed class CollectionSearchTests
{
    private static readonly SearchRequest Request = new() { Collection = "docs", Query = "apple" };

    [Fact]
    public async Task SearchAsync_Hybrid_GivesHitsWithTheirScores()
    {
        var bench = await FilledAsync();
        var answer = await bench.Search.SearchAsync(Request, default);
        Assert.False(answer.Degraded);
        Assert.Null(answer.Cause);
        Assert.Equal("a", answer.Hits[0].DocumentId);
        Assert.Equal(answer.Hits[0].Scores.Fused, answer.Hits[0].Score);
        Assert.NotNull(answer.Hits[0].Scores.Lexical);
        Assert.NotNull(answer.Hits[0].Scores.Dense);
        Assert.Equal(MetadataValue.Of("fruit"), answer.Hits[0].Metadata["kind"]);
    }

    [Theory]
    [InlineData(SearchMode.Hybrid)]
    [InlineData(SearchMode.Dense)]
    public async Task SearchAsync_WhenTheModelFails_SearchesWordsAndSaysWhy(SearchMode mode)
    {
        var bench = await FilledAsync();
        bench.Embedder.BeforeAnswer = _ => throw new UpstreamException("scripted", UpstreamFailure.Connection, "refused");
        var answer = await bench.Search.SearchAsync(Request with { Mode = mode }, default);
        Assert.True(answer.Degraded);
        Assert.Equal(ProblemCode.UpstreamUnavailable.Name, answer.Cause!.Code);
        Assert.Equal("a", Assert.Single(answer.Hits).DocumentId);
        Assert.Null(answer.Hits[0].Scores.Dense);
    }

    [Fact]
    public async Task SearchAsync_WhenTheModelChangedItsDimension_SearchesWords()
    {
        var bench = await FilledAsync();
        bench.Embedder.Dimension = 7;
        Assert.True((await bench.Search.SearchAsync(Request, default)).Degraded);
    }

    [Fact]
    public async Task SearchAsync_Lexical_AsksNoModel()
    {
        var bench = await FilledAsync();
        var asked = bench.Embedder.Texts.Count;
        await bench.Search.SearchAsync(Request with { Mode = SearchMode.Lexical }, default);
        Assert.Equal(asked, bench.Embedder.Texts.Count);
    }

    [Fact]
    public async Task SearchAsync_WithAFilter_FindsOnlyWhatPasses()
    {
        var bench = await FilledAsync();
        var answer = await bench.Search.SearchAsync(Request with { Filter = new SearchFilter.Equal("kind", MetadataValue.Of("bread")) }, default);
        Assert.Equal("b", Assert.Single(answer.Hits).DocumentId);
    }

    public static TheoryData<SearchRequest, string> BadRequests => new()
    {
        { Request with { Query = " " }, "query" },
        { Request with { Query = new string('q', SearchRequest.MaxQuery + 1) }, "query" },
        { Request with { Limit = 0 }, "limit" },
        { Request with { Limit = 101 }, "limit" },
    };

    [Theory]
    [MemberData(nameof(BadRequests), DisableDiscoveryEnumeration = true)]
    public async Task SearchAsync_OfABadRequest_NamesTheField(SearchRequest request, string field)
    {
        var bench = await FilledAsync();
        var failure = await Assert.ThrowsAsync<RequestException>(async () => await bench.Search.SearchAsync(request, default));
        Assert.Equal(field, failure.Problem.Subject);
    }

    [Fact]
    public async Task SearchAsync_OfAnUnknownCollection_IsNotFound()
    {
        var failure = await Assert.ThrowsAsync<RequestException>(async () => await new SearchBench().Search.SearchAsync(Request, default));
        Assert.Equal(ProblemCode.NotFound.Name, failure.Problem.Code);
    }

    [Fact]
    public async Task RetrieveAsync_OverAllCollections_NumbersTheBestOfEach()
    {
        var bench = await FilledAsync();
        await bench.Catalog.PutAsync("more", "scripted/letters", null, default);
        await bench.Indexer.IndexAsync("more", [new SourceDocument { Id = "m", Text = "apple tree", Path = "m.txt" }], SearchPayer.System, default);
        var retriever = new CollectionRetriever(bench, bench.Search);

        var passages = (await retriever.RetrieveAsync("apple", null, 2, SearchPayer.System, default)).Passages;

        Assert.Equal([1, 2], passages.Select(passage => passage.Citation.N));
        Assert.Equal(["a", "m"], passages.Select(passage => passage.Citation.DocumentId).Order());
        Assert.Empty((await retriever.RetrieveAsync("apple", ["gone", "no/name"], 2, SearchPayer.System, default)).Passages);
        Assert.True(await retriever.HasSourcesAsync(null, default));
        Assert.False(await retriever.HasSourcesAsync(["gone", "no/name"], default));
    }

    private static async Task<SearchBench> FilledAsync()
    {
        var bench = new SearchBench();
        await bench.CreateAsync();
        await bench.IndexAsync(
            new SourceDocument { Id = "a", Text = "apple pie", Metadata = new Dictionary<string, MetadataValue> { ["kind"] = MetadataValue.Of("fruit") } },
            new SourceDocument { Id = "b", Text = "rye bread", Metadata = new Dictionary<string, MetadataValue> { ["kind"] = MetadataValue.Of("bread") } });
        return bench;
    }
}
