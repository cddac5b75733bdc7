using System.Net;
using OrleansChat.Testing;

namespace OrleansChat.ClientGateway.Tests.Health;

/// <summary>
/// Fallbacks of a cluster: turns use them in silos, stateless calls and searches in gateways; they are entered and left by what happens, and named to callers and operators.
/// </summary>
public sealed class ClusterFallbackTests(FallbackCluster cluster) : IClassFixture<FallbackCluster>
{
    [Fact]
    public async Task Route_GoesToTheNextUpstream_AndToTheDocumentsWhenThatFailsToo_UntilTheFirstAnswers()
    {
        const string named = "route-of-default";
        cluster.First.Enqueue(Reply.Drop());
        Assert.Equal((HttpStatusCode.OK, named), Told(await cluster.CallAsync()));
        cluster.First.Enqueue(Reply.Drop());
        var turn = await cluster.TurnAsync();
        Assert.Equal((HttpStatusCode.OK, named, named, "second"), (turn.Status, turn.Named, turn.NamedInBody, turn.Body.GetProperty("upstream").GetString()));

        cluster.First.Enqueue(Reply.Drop());
        cluster.Second.Enqueue(Reply.Drop());
        Assert.Equal((HttpStatusCode.OK, named), Told(await cluster.CallAsync()));
        cluster.First.Enqueue(Reply.Drop());
        cluster.Second.Enqueue(Reply.Drop());
        turn = await cluster.TurnAsync();
        Assert.Equal((HttpStatusCode.OK, named, named, "builtin"), (turn.Status, turn.Named, turn.NamedInBody, turn.Body.GetProperty("upstream").GetString()));
        await cluster.AssertInUseAsync(named, atGateway: true, atSilo: true);

        Assert.Equal((HttpStatusCode.OK, ""), Told(await cluster.CallAsync()));
        await cluster.AssertInUseAsync(named, atGateway: false, atSilo: true);
        turn = await cluster.TurnAsync();
        Assert.Equal((HttpStatusCode.OK, "", "", "first"), (turn.Status, turn.Named, turn.NamedInBody, turn.Body.GetProperty("upstream").GetString()));
        await cluster.AssertInUseAsync(named, atGateway: false, atSilo: false);
    }

    [Fact]
    public async Task EmbeddingModel_ThatFails_LeavesSearchesOfGatewaysAndTurnsOfSilosTheirWords()
    {
        const string named = "dense-search-to-lexical";
        await cluster.PostAsync("/api/collections/docs", "sk-boss", new { }, HttpMethod.Put);
        var indexed = await cluster.PostAsync(
            "/api/collections/docs/documents", "sk-boss", new { documents = new[] { new { id = "d", text = "The quick fox jumps over the lazy dog." } } });
        Assert.Equal(1, indexed.Body.GetProperty("indexed").GetInt32());
        Assert.Equal("", (await SearchAsync()).NamedInBody);

        var answers = cluster.Embedder.Fallback;
        cluster.Embedder.Fallback = static _ => Reply.Drop();
        var search = await SearchAsync();
        Assert.Equal((HttpStatusCode.OK, named, true, 1), (search.Status, search.NamedInBody, search.Body.GetProperty("degraded").GetBoolean(), search.Body.GetProperty("hits").GetArrayLength()));
        await cluster.AssertInUseAsync(named, atGateway: true, atSilo: false);
        var turn = await cluster.TurnAsync();
        Assert.Equal((HttpStatusCode.OK, named, named), (turn.Status, turn.Named, turn.NamedInBody));
        await cluster.AssertInUseAsync(named, atGateway: true, atSilo: true);

        cluster.Embedder.Fallback = answers;
        search = await SearchAsync();
        Assert.Equal((HttpStatusCode.OK, "", false), (search.Status, search.NamedInBody, search.Body.GetProperty("degraded").GetBoolean()));
        await cluster.AssertInUseAsync(named, atGateway: false, atSilo: true);
        Assert.Equal((HttpStatusCode.OK, ""), Told(await cluster.TurnAsync()));
        await cluster.AssertInUseAsync(named, atGateway: false, atSilo: false);
    }

    [Fact]
    public async Task AnswerCache_WhoseStateIsLost_CostsAMissAndNothingElse()
    {
        const string named = "answer-cache-to-direct";
        cluster.Lost = ["response-cache"];
        Assert.Equal((HttpStatusCode.OK, named), Told(await cluster.CallAsync("sk-cached")));
        await cluster.AssertInUseAsync(named, atGateway: true, atSilo: false);

        cluster.Lost = [];
        await TestWait.UntilAsync(async () => Told(await cluster.CallAsync("sk-cached")) == (HttpStatusCode.OK, ""));
        await cluster.AssertInUseAsync(named, atGateway: false, atSilo: false);
    }

    [Theory]
    [InlineData("Deny", "Allow")]
    [InlineData("Allow", "Deny")]
    public async Task UsageStore_ThatIsLost_LetsPassWhatTheSettingsOfTheProcessAllow(string calls, string turns)
    {
        var own = new FallbackCluster();
        await own.StartAsync(calls, turns);
        try
        {
            own.Lost = ["rate-limiter"];
            var byCall = $"usage-store-to-{calls.ToLowerInvariant()}";
            var byTurn = $"usage-store-to-{turns.ToLowerInvariant()}";
            var call = await own.CallAsync("sk-counted");
            Assert.Equal((StatusBy(calls), byCall), Told(call));
            await own.AssertInUseAsync(byCall, atGateway: true, atSilo: false);
            var turn = await own.TurnAsync("sk-counted");
            Assert.Equal((StatusBy(turns), byTurn), Told(turn));
            await own.AssertInUseAsync(byTurn, atGateway: false, atSilo: true);

            own.Lost = [];
            Assert.Equal((HttpStatusCode.OK, ""), Told(await own.CallAsync("sk-counted")));
            await own.AssertInUseAsync(byCall, atGateway: false, atSilo: false);
            Assert.Equal((HttpStatusCode.OK, ""), Told(await own.TurnAsync("sk-counted")));
            await own.AssertInUseAsync(byTurn, atGateway: false, atSilo: false);
        }
        finally
        {
            await own.DisposeAsync();
        }

        static HttpStatusCode StatusBy(string policy) => policy == "Allow" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable;
    }

    private static (HttpStatusCode Status, string Named) Told(FallbackAnswer answer) => (answer.Status, answer.Named);

    private Task<FallbackAnswer> SearchAsync() => cluster.PostAsync("/api/search", "sk-boss", new { query = $"quick fox {Guid.NewGuid()}", collection = "docs" });
}
