using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Search;

public sealed class FindCodeTests : IAsyncLifetime
{
    private const string Journal = """
        namespace Store;

        /// <summary>Keeps records.</summary>
        public sealed class Journal
        {
            /// <summary>Writes a record to disk.</summary>
            public void Append(string record)
            {
                if (record.Length == 0)
                    return;
                Flush();
            }

            public void Flush() { }
        }
        """;

    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartAsync();
        await _host.Client.PutAsync("/api/collections/code", null);
        await _host.PostAsync("/api/collections/code/documents", new
        {
            documents = new[]
            {
                new { id = "src/Journal.cs", text = Journal, path = "src/Journal.cs" },
                new { id = "src/cache.py", text = "class Cache:\n    def flush(self):\n        '''Drops everything.'''\n        self.items = {}\n", path = "src/cache.py" },
                new { id = "README.md", text = "# Store\n\nAppend writes, Flush flushes.", path = "README.md" },
            },
        });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task FindCode_ByAName_PutsTheFunctionFirstWithItsPlace()
    {
        var answer = await FindAsync(new { query = "Append", collection = "code" });

        Assert.Equal("definition", answer.GetProperty("intent").GetString());
        var hit = answer.GetProperty("hits")[0];
        Assert.Equal(
            ("Journal.Append", "src/Journal.cs", "method", "csharp", "public void Append(string record)"),
            (Text(hit, "symbol"), Text(hit, "path"), Text(hit, "kind"), Text(hit, "language"), Text(hit, "signature")));
        Assert.Equal((7, 6, 12), (Number(hit, "line"), Number(hit, "startLine"), Number(hit, "endLine")));
        Assert.Equal([6, 12], hit.GetProperty("lines").EnumerateArray().Select(line => line.GetInt32()));
        Assert.Equal(2, Number(hit, "complexity"));
    }

    [Fact]
    public async Task FindCode_ByUsage_PutsTheCallerFirst()
    {
        var answer = await FindAsync(new { query = "who calls Flush?", collection = "code" });
        Assert.Equal("usage", answer.GetProperty("intent").GetString());
        Assert.Equal("Journal.Append", Text(answer.GetProperty("hits")[0], "symbol"));
    }

    [Fact]
    public async Task FindCode_ByDescription_FindsWhatDoesIt()
    {
        var answer = await FindAsync(new { query = "how is a record written to the disk", collection = "code" });
        Assert.Equal("explanation", answer.GetProperty("intent").GetString());
        Assert.Equal("Journal.Append", Text(answer.GetProperty("hits")[0], "symbol"));
        Assert.DoesNotContain(answer.GetProperty("hits").EnumerateArray(), hit => Text(hit, "path") == "README.md");
    }

    [Theory]
    [InlineData("python", "Cache.flush")]
    [InlineData("C#", "Journal.Flush")]
    public async Task FindCode_InALanguage_FindsOnlyThatLanguages(string language, string symbol)
    {
        var answer = await FindAsync(new { query = "flush", collection = "code", language });
        Assert.Equal(symbol, Text(answer.GetProperty("hits")[0], "symbol"));
        Assert.Single(answer.GetProperty("hits").EnumerateArray().Select(hit => Text(hit, "language")).Distinct());
    }

    [Theory]
    [InlineData("""{"collection":"code"}""", "query", HttpStatusCode.BadRequest)]
    [InlineData("""{"query":"a"}""", "collection", HttpStatusCode.BadRequest)]
    [InlineData("""{"query":"a","collection":"code","language":"cobol"}""", "language", HttpStatusCode.BadRequest)]
    [InlineData("""{"query":"a","collection":"code","limit":1000}""", "limit", HttpStatusCode.BadRequest)]
    [InlineData("""{"query":"a","collection":"none"}""", null, HttpStatusCode.NotFound)]
    public async Task FindCode_WithAWrongField_NamesIt(string body, string? field, HttpStatusCode status)
    {
        using var response = await _host.Client.PostAsync("/api/find-code", GatewayHost.Json(body));
        Assert.Equal(status, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(field, problem.TryGetProperty("subject", out var subject) ? subject.GetString() : null);
    }

    [Fact]
    public async Task Post_CodeNodes_RejectsEachMissingFieldAndIndexesTheRest()
    {
        var report = await _host.PostAsync("/api/collections/code/documents", new
        {
            documents = new object[]
            {
                new { id = "n1", text = "def parse(x): return x", kind = "code_node", path = "a.py", name = "parse", line_number = 3, complexity = 1 },
                new { id = "n2", text = "def scan(x): return x", kind = "code_node", path = "a.py" },
                new { id = "n3", text = "def other(x): return x", name = "other", line_number = "three", complexity = 1 },
            },
        });

        Assert.Equal(1, report.GetProperty("indexed").GetInt32());
        var rejected = report.GetProperty("rejected").EnumerateArray().ToList();
        Assert.Equal(["n2", "n3"], rejected.Select(item => Text(item, "id")));
        Assert.Equal(
            ["documents[1].name", "documents[1].line_number", "documents[1].complexity"],
            rejected[0].GetProperty("fields").EnumerateArray().Select(fault => Text(fault, "field")));
        Assert.Equal(["documents[2].line_number"], rejected[1].GetProperty("fields").EnumerateArray().Select(fault => Text(fault, "field")));

        var hit = (await FindAsync(new { query = "parse", collection = "code" })).GetProperty("hits")[0];
        Assert.Equal(("parse", "python", 3), (Text(hit, "symbol"), Text(hit, "language"), Number(hit, "line")));
    }

    [Fact]
    public async Task FindCodeFrame_GetsTheSymbols()
    {
        using var socket = await SocketClient.OpenAsync(_host.Address);
        await socket.SendAsync(new { type = "find_code", id = "c1", data = new { query = "Append", collection = "code", limit = 1 } });
        var found = await socket.ReceiveAsync();
        await socket.SendAsync(new { type = "find_code", data = new { query = "Append", collection = "code", language = "cobol" } });
        var refused = await socket.ReceiveAsync();

        Assert.Equal(("code_results", "c1"), (SocketClient.Type(found), found.GetProperty("id").GetString()));
        Assert.Equal("Journal.Append", Text(found.GetProperty("data").GetProperty("hits")[0], "symbol"));
        Assert.Equal("error", SocketClient.Type(refused));
    }

    private Task<JsonElement> FindAsync(object body) => _host.PostAsync("/api/find-code", body);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
