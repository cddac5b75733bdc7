using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.VectorQdrant.Passages;
using OrleansChat.VectorQdrant.Querying;
using OrleansChat.VectorQdrant.Tests.Simulation;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Tests.Querying;

public sealed class SearchQueriesTests
{
    private static readonly PassageQuery Hybrid = new() { Text = "fox", Vector = new float[] { 1, 0 }, Limit = 10 };

    [Fact]
    public void Find_OfEqualWeights_FusesOnTheServerWithRanksFromOne()
    {
        var request = Find(Hybrid);
        Assert.Equal(61u, request.Query.Rrf.K);
        Assert.Equal([PayloadKeys.Words, PayloadKeys.Dense], request.Prefetch.Select(ranking => ranking.Using));
        Assert.All(request.Prefetch, ranking => Assert.Equal(100UL, ranking.Limit));
        Assert.Equal(10UL, request.Limit);
    }

    [Fact]
    public void Find_OfUnequalWeights_AddsWeightedRanks()
    {
        var request = Find(Hybrid with { Fusion = new FusionOptions { DenseWeight = 0.25 } });
        Assert.All(request.Prefetch, ranking => Assert.Equal(61u, ranking.Query.Rrf.K));
        Assert.Equal([1f, 0.25f], request.Query.Formula.Expression.Sum.Sum.Select(part => part.Mult.Mult[0].Constant));
        Assert.Equal(["$score[0]", "$score[1]"], request.Query.Formula.Expression.Sum.Sum.Select(part => part.Mult.Mult[1].Variable));
    }

    [Fact]
    public void Find_PutsTheFilterIntoEachRanking()
    {
        var request = Find(Hybrid with { Filter = new SearchFilter.Equal("kind", MetadataValue.Of("markdown")) });
        Assert.All(request.Prefetch, ranking => Assert.Equal("4:kind=markdown", Assert.Single(ranking.Filter.Must).Field.Match.Keyword));
        Assert.Null(request.Filter);
    }

    [Fact]
    public void Find_OfAQueryWithoutWords_FusesTheVectorsAlone()
    {
        var request = Find(Hybrid with { Text = "the of" });
        Assert.Equal([PayloadKeys.Dense], request.Prefetch.Select(ranking => ranking.Using));
        Assert.True(new SearchQueries("c", Hybrid with { Mode = SearchMode.Lexical, Text = "the of" }, TestStore.Options).IsEmpty);
    }

    [Fact]
    public void Find_AsksForMoreCandidatesThanHits()
    {
        Assert.All(Find(Hybrid with { Limit = 250 }).Prefetch, ranking => Assert.Equal(250UL, ranking.Limit));
        var dense = Find(Hybrid with { Mode = SearchMode.Dense });
        Assert.Equal((PayloadKeys.Dense, 128UL), (dense.Using, dense.Params.HnswEf));
    }

    private static QueryPoints Find(PassageQuery query) => new SearchQueries("c", query, TestStore.Options).Find(query.Limit, []);
}
