using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Search;

public sealed class SearchRouteTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Put_ANewName_CreatesAndAKnownOneIsOk()
    {
        using var created = await _host.Client.PutAsJsonAsync("/api/collections/docs", new { });
        using var again = await _host.Client.PutAsync("/api/collections/docs", null);
        using var wrong = await _host.Client.PutAsJsonAsync("/api/collections/docs", new { chunker = "none" });

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.BadRequest), (created.StatusCode, again.StatusCode, wrong.StatusCode));
        var collection = (await _host.GetAsync("/api/collections")).GetProperty("items")[0];
        Assert.Equal(("docs", "builtin/hashing"), (collection.GetProperty("name").GetString(), collection.GetProperty("embeddingModel").GetString()));
    }

    [Fact]
    public async Task Post_Documents_IndexesTheGoodAndRejectsTheBadOneByOne()
    {
        await _host.Client.PutAsync("/api/collections/docs", null);

        var report = await _host.PostAsync("/api/collections/docs/documents", new
        {
            documents = new object[]
            {
                new { id = "a.md", text = "# Orleans\n\nA grain is an actor with one activation.", path = "docs/a.md", metadata = new { language = "en" } },
                new { id = "b.md", text = 5 },
                new { id = "c.md" },
                "nonsense",
            },
        });

        Assert.Equal(1, report.GetProperty("indexed").GetInt32());
        var rejected = report.GetProperty("rejected").EnumerateArray().ToList();
        Assert.Equal(["b.md", "c.md", null], rejected.Select(item => item.GetProperty("id").GetString()));
        Assert.Equal("documents[0].text".Replace('0', '1'), rejected[0].GetProperty("problem").GetProperty("subject").GetString());
    }

    [Fact]
    public async Task Post_TheSameDocumentsAgain_ChangesNothing()
    {
        await IndexAsync();
        var report = await IndexAsync();
        Assert.Equal((0, 2), (report.GetProperty("indexed").GetInt32(), report.GetProperty("unchanged").GetInt32()));
    }

    [Fact]
    public async Task Get_Documents_PagesThroughTheirIds()
    {
        await IndexAsync();
        var first = await _host.GetAsync("/api/collections/docs/documents?limit=1");
        var cursor = Uri.EscapeDataString(first.GetProperty("nextCursor").GetString()!);
        var second = await _host.GetAsync($"/api/collections/docs/documents?limit=1000&cursor={cursor}");

        var ids = first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(item => item.GetProperty("id").GetString()).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Superset(new HashSet<string?> { "docs/a.md", "docs/b.md" }, ids.ToHashSet());
        Assert.Equal(JsonValueKind.Null, second.TryGetProperty("nextCursor", out var next) ? next.ValueKind : JsonValueKind.Null);
        using var missing = await _host.Client.GetAsync("/api/collections/none/documents");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using var wrong = await _host.Client.GetAsync("/api/collections/docs/documents?limit=0");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Theory]
    [InlineData("hybrid")]
    [InlineData("dense")]
    [InlineData("lexical")]
    public async Task Search_InEveryMode_FindsThePassageWithItsPlace(string mode)
    {
        await IndexAsync();

        var answer = await _host.PostAsync("/api/search", new { query = "activation of a grain", collection = "docs", mode, limit = 1 });

        var hit = Assert.Single(answer.GetProperty("hits").EnumerateArray().ToList());
        Assert.Equal(("docs/a.md", "docs/a.md"), (hit.GetProperty("documentId").GetString(), hit.GetProperty("path").GetString()));
        Assert.Contains("activation", hit.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(hit.GetProperty("startLine").GetInt32() >= 1);
        Assert.False(answer.GetProperty("degraded").GetBoolean());
    }

    [Fact]
    public async Task Search_WithAFilter_RanksOnlyWhatPasses()
    {
        await IndexAsync();
        var answer = await _host.PostAsync("/api/search", new
        {
            query = "grain weather",
            collection = "docs",
            filter = new { field = "topic", equals = "weather" },
        });
        Assert.Equal(["docs/b.md"], answer.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("documentId").GetString()));
    }

    [Theory]
    [InlineData("""{"collection":"docs"}""", "query")]
    [InlineData("""{"query":"a","collection":"docs","mode":"best"}""", "mode")]
    [InlineData("""{"query":"a","collection":"docs","limit":0}""", "limit")]
    [InlineData("""{"query":"a","collection":"docs","filter":{"colour":"red"}}""", "filter")]
    [InlineData("""{"query":"a","collection":"docs","filter":5}""", "filter")]
    [InlineData("""{"query":"a","collection":"docs","filter":{"or":[{"field":"topic","equals":"x"},{"not":{"field":"topics","equals":"x"}}]}}""", "filter")]
    [InlineData("""{"query":"a","collection":"docs","rerank":true}""", "rerank")]
    [InlineData("""{"query":"a","collection":"docs","explain":1}""", "explain")]
    [InlineData("""{"query":"a","collection":"docs","rerank":"yes"}""", "rerank")]
    public async Task Search_WithAWrongField_NamesIt(string body, string field)
    {
        await IndexAsync();
        using var response = await _host.Client.PostAsync("/api/search", GatewayHost.Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("subject").GetString());
    }

    [Fact]
    public async Task Search_AskedToExplain_TellsTermsWeightsAndWhereTheWordsStand()
    {
        await IndexAsync();
        var answer = await _host.PostAsync("/api/search", new { query = "\"at a time\" grain", collection = "docs", highlight = true, explain = true });

        var hit = answer.GetProperty("hits")[0];
        Assert.Equal("docs/a.md", hit.GetProperty("documentId").GetString());
        Assert.Equal(1, hit.GetProperty("scores").GetProperty("boost").GetDouble());
        var explanation = hit.GetProperty("explanation");
        Assert.Equal(["grain", "time"], explanation.GetProperty("terms").EnumerateArray().Select(term => term.GetString()));
        Assert.Equal("at a time", explanation.GetProperty("phrases")[0].GetString());
        Assert.Equal(60, explanation.GetProperty("k").GetDouble());
        var text = hit.GetProperty("text").GetString()!;
        Assert.Equal(
            ["grain", "time"],
            hit.GetProperty("highlights").EnumerateArray().Select(range => text[range.GetProperty("start").GetInt32()..range.GetProperty("end").GetInt32()]));
    }

    [Fact]
    public async Task Search_ThatNamesAPath_PutsItsDocumentsFirst()
    {
        await IndexAsync();
        var answer = await _host.PostAsync("/api/search", new { query = "a grain with one activation, as in docs/b.md", collection = "docs" });
        Assert.Equal("docs/b.md", answer.GetProperty("hits")[0].GetProperty("documentId").GetString());
    }

    [Fact]
    public async Task Search_InNoCollection_IsNotFound()
    {
        using var response = await _host.Client.PostAsJsonAsync("/api/search", new { query = "a", collection = "none" });
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("docs%2Fa.md")]
    [InlineData("docs/a.md")]
    public async Task Delete_ADocumentWhoseIdHasASlash_RemovesIt(string id)
    {
        await IndexAsync();
        using var deleted = await _host.Client.DeleteAsync($"/api/collections/docs/documents/{id}");
        using var again = await _host.Client.DeleteAsync($"/api/collections/docs/documents/{id}");
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (deleted.StatusCode, again.StatusCode));
        Assert.Equal(1, (await _host.GetAsync("/api/collections/docs")).GetProperty("documents").GetInt64());
    }

    [Fact]
    public async Task SearchFrame_WithAndWithoutACollection_GetsTheHits()
    {
        await IndexAsync();
        using var socket = await SocketClient.OpenAsync(_host.Address);
        await socket.SendAsync(new { type = "search", id = "s1", data = new { query = "grain", collection = "docs", limit = 1 } });
        var one = await socket.ReceiveAsync();
        await socket.SendAsync(new { type = "search", data = new { query = "grain" } });
        var all = await socket.ReceiveAsync();

        Assert.Equal(("search_results", "s1"), (SocketClient.Type(one), one.GetProperty("id").GetString()));
        Assert.Equal("docs/a.md", one.GetProperty("data").GetProperty("hits")[0].GetProperty("documentId").GetString());
        Assert.Equal("docs/a.md", all.GetProperty("data").GetProperty("hits")[0].GetProperty("documentId").GetString());
    }

    [Fact]
    public async Task Turn_OverIndexedDocuments_CitesThem()
    {
        await IndexAsync();
        var answer = await _host.PostAsync("/chat", new { api_version = "v1", message = "What is a grain in Orleans?", session_id = "s" });
        Assert.Contains("activation", answer.GetProperty("response").GetString(), StringComparison.Ordinal);
        var message = (await _host.GetAsync("/api/sessions/s")).GetProperty("messages")[1];
        Assert.Equal("docs/a.md", message.GetProperty("citations")[0].GetProperty("documentId").GetString());
    }

    private async Task<JsonElement> IndexAsync()
    {
        await _host.Client.PutAsync("/api/collections/docs", null);
        return await _host.PostAsync("/api/collections/docs/documents", new
        {
            documents = new object[]
            {
                new { id = "docs/a.md", text = "# Orleans\n\nA grain is an actor that has one activation at a time.", path = "docs/a.md", metadata = new { topic = "orleans" } },
                new { id = "docs/b.md", text = "# Weather\n\nIt rains in the north.", path = "docs/b.md", metadata = new { topic = "weather" } },
            },
        });
    }
}
