using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Executable;

public sealed class IndexCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Index_OfAFolderThatChanged_BringsWhatIsNewAndTakesWhatIsGone()
    {
        var docs = Directory.CreateDirectory(Path.Combine(_folder.Path, "docs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(docs, "apples.md"), "Apples are sweet.");
        await File.WriteAllTextAsync(Path.Combine(docs, "bread.md"), "Bread is salty.");
        await using var server = await ServerProcess.StartAsync(_folder.Path);
        await server.Http.PutAsJsonAsync("/api/collections/docs", new { });
        await server.Http.PostAsJsonAsync("/api/collections/docs/documents", new { documents = new[] { new { id = "sent", text = "Cheese was sent in." } } });

        Assert.Contains("2 indexed, 0 unchanged, 2 chunks, 0 rejected.", await IndexAsync(server, docs), StringComparison.Ordinal);
        File.Delete(Path.Combine(docs, "bread.md"));
        await File.WriteAllTextAsync(Path.Combine(docs, "dates.md"), "Dates are sticky.");
        Assert.Contains("1 indexed, 1 unchanged, 1 chunks, 0 rejected, 1 removed.", await IndexAsync(server, docs), StringComparison.Ordinal);

        Assert.Equal(["apples.md", "dates.md", "sent"], await IdsAsync(server));
        Assert.Contains("0 indexed, 2 unchanged, 0 chunks, 0 rejected, 1 removed.", await IndexAsync(server, docs, "--mirror"), StringComparison.Ordinal);
        Assert.Equal(["apples.md", "dates.md"], await IdsAsync(server));
    }

    [Fact]
    public async Task Index_OfAFolderThatIsNotThere_SaysSoAndEndsWithOne()
    {
        var run = await ServerProcess.RunAsync(_folder.Path, "index", "nowhere", "--server", "http://127.0.0.1:1");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("There is no folder '", run.Errors, StringComparison.Ordinal);
    }

    private async Task<string> IndexAsync(ServerProcess server, string folder, params string[] options)
    {
        var run = await ServerProcess.RunAsync(
            _folder.Path, ["index", folder, "--collection", "docs", "--server", server.Http.BaseAddress!.ToString(), .. options]);
        Assert.True(run.ExitCode == 0, run.Errors);
        return run.Output;
    }

    private static async Task<IEnumerable<string?>> IdsAsync(ServerProcess server)
    {
        var list = await server.Http.GetFromJsonAsync<JsonElement>("/api/collections/docs/documents");
        return list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString());
    }
}
