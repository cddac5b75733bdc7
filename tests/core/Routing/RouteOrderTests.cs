using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Routing;

public sealed class RouteOrderTests
{
    [Fact]
    public void Of_ARouteWithoutWeights_IsAsWritten() => Assert.Equal("a b c", Order(ModelOf("a/m", "b/m", "c/m"), "op"));

    [Fact]
    public void Of_TheSameOperation_IsTheSame()
    {
        var model = ModelOf(Weighted("a/m", 1), Weighted("b/m", 1), Weighted("c/m", 1));
        foreach (var i in Enumerable.Range(0, 50))
            Assert.Equal(Order(model, $"op-{i}"), Order(model, $"op-{i}"));
    }

    [Fact]
    public void Of_Weights_ComesFirstAsOftenAsTheWeightSays()
    {
        var model = ModelOf(Weighted("a/m", 3), Weighted("b/m", 1));
        var first = Enumerable.Range(0, 10_000).Count(i => RouteOrder.Of(model, $"op-{i}")[0].Upstream == "a");

        // Three standard deviations of 10,000 draws at 3/4 are 130.
        Assert.InRange(first, 7_370, 7_630);
    }

    [Fact]
    public void Of_ThreeWeights_DrawsWithoutReplacement()
    {
        var model = ModelOf(Weighted("a/m", 6), Weighted("b/m", 3), Weighted("c/m", 1));
        var orders = Enumerable.Range(0, 10_000).Select(i => Order(model, $"op-{i}")).CountBy(order => order).ToDictionary();

        Assert.Equal(6, orders.Count);

        // P(a b c) = 6/10 · 3/4 = 0.45; P(c b a) = 1/10 · 3/9 = 0.033.
        Assert.InRange(orders["a b c"], 4_350, 4_650);
        Assert.InRange(orders["c b a"], 280, 390);
    }

    [Fact]
    public void Of_TargetsWithoutWeight_KeepTheirPlace()
    {
        var model = ModelOf("first/m", Weighted("a/m", 1), Weighted("b/m", 1), "last/m");
        var orders = Enumerable.Range(0, 100).Select(i => Order(model, $"op-{i}")).Distinct().Order();

        Assert.Equal(["first a b last", "first b a last"], orders);
    }

    [Fact]
    public void Of_AnotherModelsTargets_StandInThePlaceOfItsName()
    {
        var options = new OrleansChatOptions
        {
            Models =
            [
                new ModelOptions { Id = "smart", Route = ["a/m", "fast", "b/m"] },
                new ModelOptions { Id = "fast", Route = ["c/m", "a/m", "d/m"] },
            ],
        };

        Assert.Equal("a c d b", Order(Find(options, "smart"), "op"));
    }

    [Fact]
    public void Of_WeightsOfAnotherModel_AreNotMixedWithItsNeighbours()
    {
        var options = new OrleansChatOptions
        {
            Models =
            [
                new ModelOptions { Id = "smart", Route = [Weighted("a/m", 1), "fast"] },
                new ModelOptions { Id = "fast", Route = [Weighted("b/m", 1), Weighted("c/m", 1)] },
            ],
        };
        var orders = Enumerable.Range(0, 100).Select(i => Order(Find(options, "smart"), $"op-{i}")).Distinct().Order();

        Assert.Equal(["a b c", "a c b"], orders);
    }

    [Fact]
    public void Of_ATargetThatAnotherModelHasBroughtInAlready_IsDrawnOnce()
    {
        var options = new OrleansChatOptions
        {
            Models =
            [
                new ModelOptions { Id = "first", Route = ["plain", Weighted("b/m", 1), Weighted("a/m", 1)] },
                new ModelOptions { Id = "second", Route = ["shared", "a/m"] },
                new ModelOptions { Id = "plain", Route = ["a/m"] },
                new ModelOptions { Id = "shared", Route = [Weighted("a/m", 1), Weighted("c/m", 1)] },
            ],
        };
        var orders = Enumerable.Range(0, 100).SelectMany(i => new[] { Order(Find(options, "first"), $"op-{i}"), Order(Find(options, "second"), $"op-{i}") }).Distinct().Order();

        Assert.Equal(["a b", "a c", "c a"], orders);
    }

    [Fact]
    public void Of_ATargetThatBeginsWithAConfiguredUpstream_IsNoModelsName()
    {
        var options = new OrleansChatOptions
        {
            Upstreams = [new UpstreamOptions { Id = "a" }],
            Models =
            [
                new ModelOptions { Id = "default", Route = ["a/m"] },
                new ModelOptions { Id = "a/m", Route = ["b/m"] },
            ],
        };

        Assert.Equal("a", Order(Find(options, "default"), "op"));
    }

    private static RouteItem Weighted(string target, int weight) => new() { Target = target, Weight = weight };

    private static string Order(Model model, string operation) =>
        string.Join(' ', RouteOrder.Of(model, operation).Select(target => target.Upstream));

    private static Model ModelOf(params RouteItem[] route) =>
        Find(new OrleansChatOptions { Models = [new ModelOptions { Id = "default", Route = route }] }, "default");

    private static Model Find(OrleansChatOptions options, string id)
    {
        using var catalog = new ModelCatalog(new TestOptions<OrleansChatOptions>(options));
        return catalog.Find(id);
    }
}
