using System.Net;
using System.Net.Http.Headers;
using OrleansChat.Standalone.Tests.Journals;

namespace OrleansChat.Standalone.Tests.Executable;

public sealed class KeysCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Keys_AreMadeListedRotatedAndRevokedAtARunningServer()
    {
        await using var server = await ServerProcess.StartAsync(_folder.Path);
        var address = server.Http.BaseAddress!.ToString();

        var created = await RunAsync("create", "--id", "ci", "--model", "default", "--collection", "docs", "--budget-usd", "20", "--server", address);
        var first = created.Split('\n')[^1];
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, first));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(server, first, "/api/collections/other"));
        Assert.Contains("ci", await RunAsync("list", "--server", address), StringComparison.Ordinal);

        var rotated = await RunAsync("rotate", "ci", "--overlap-seconds", "0", "--server", address);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, first));
        var second = rotated.Split('\n')[^1];
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, second));

        await RunAsync("revoke", "ci", "--server", address);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, second));
    }

    [Fact]
    public async Task Revoke_OfAnUnknownKey_SaysSoAndEndsWithOne()
    {
        await using var server = await ServerProcess.StartAsync(_folder.Path);
        var run = await ServerProcess.RunAsync(_folder.Path, "keys", "revoke", "nobody", "--server", server.Http.BaseAddress!.ToString());
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'nobody'", run.Errors, StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var run = await ServerProcess.RunAsync(_folder.Path, ["keys", .. arguments]);
        Assert.True(run.ExitCode == 0, run.Errors);
        return run.Output.Trim();
    }

    private static async Task<HttpStatusCode> StatusAsync(ServerProcess server, string secret, string path = "/api/limits")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var response = await server.Http.SendAsync(request);
        return response.StatusCode;
    }
}
