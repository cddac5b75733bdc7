using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>What search pays for a model that it asks for by its target's name.</summary>
public sealed class TargetPriceTests
{
    private static readonly UpstreamOptions Upstream = new() { Id = "up", BaseUrl = "http://127.0.0.1" };
    private static readonly UpstreamTarget Embed = new("up", "embed");

    [Fact]
    public void OfTarget_WithoutAnyPrice_CostsNothingUnderItsOwnName()
    {
        var model = Find(new OrleansChatOptions(), Embed);
        Assert.Equal(("up/embed", Price.Free, true), (model.Id, model.Price, model.Limits.IsEmpty));
        Assert.Equal([Embed], model.Route);
    }

    [Fact]
    public void OfTarget_OfTheEmbeddingAndTheRerankingModel_HasTheirPrices()
    {
        var options = new OrleansChatOptions
        {
            Embeddings = new EmbeddingsOptions { Model = "up/embed", InputUsdPerMillion = 0.02m },
            Search = new SearchOptions { RerankModel = "up/rerank", RerankUsdPerMillion = 0.05m },
        };
        Assert.Equal(20_000_000, Find(options, Embed).Price.InputPerMillion);
        Assert.Equal(("up/rerank", 50_000_000), (Find(options, new("up", "rerank")).Id, Find(options, new("up", "rerank")).Price.InputPerMillion));
    }

    [Fact]
    public void OfTarget_OfAModelWhoseWholeRouteItIs_HasThatModelsPriceAndLimits()
    {
        var options = new OrleansChatOptions
        {
            Models =
            [
                new ModelOptions { Id = "chat", Route = ["up/chat", "up/embed"], InputUsdPerMillion = 9 },
                new ModelOptions { Id = "vectors", Route = ["up/embed"], InputUsdPerMillion = 3, Limits = new LimitOptions { RequestsPerMinute = 5 } },
            ],
            Embeddings = new EmbeddingsOptions { Model = "up/embed" },
        };
        var model = Find(options, Embed);
        Assert.Equal(("vectors", 3_000_000_000, 5), (model.Id, model.Price.InputPerMillion, model.Limits.RequestsPerMinute));

        // The more precise word goes first.
        options = options with { Embeddings = options.Embeddings with { InputUsdPerMillion = 2 } };
        Assert.Equal(2_000_000_000, Find(options, Embed).Price.InputPerMillion);
        options = options with { Models = [.. options.Models, new ModelOptions { Id = "up/embed", Route = ["up/other"], InputUsdPerMillion = 1, HedgeAfter = TimeSpan.FromSeconds(1) }] };
        model = Find(options, Embed);
        Assert.Equal((1_000_000_000, null), (model.Price.InputPerMillion, model.HedgeAfter));
        Assert.Equal([Embed], model.Route);
    }

    [Fact]
    public void OfTarget_WhateverTheCaseOfTheUpstream_IsTheConfiguredOne() =>
        Assert.Equal([Embed], Find(new OrleansChatOptions(), new("UP", "embed")).Route);

    private static Model Find(OrleansChatOptions options, UpstreamTarget target)
    {
        using var catalog = new ModelCatalog(new TestOptions<OrleansChatOptions>(options with { Upstreams = [Upstream] }));
        return catalog.OfTarget(target);
    }
}
