using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>Every tool of <c>/mcp</c>, used by a key that names what is another's.</summary>
public sealed class ToolMatrixTests : MatrixTests
{
    /// <summary>Tools, and how they are given a session; null for those that know none. A tool that is added needs a line here.</summary>
    private static readonly Dictionary<string, Func<string, Dictionary<string, object?>>?> Tools = new(StringComparer.Ordinal)
    {
        ["ask"] = session => new() { ["question"] = "What was said?", ["session_id"] = session },
        ["find_code"] = null,
        ["search"] = null,
    };


    [Fact]
    public async Task EveryTool_IsDeclared_AndThereIsNothingElseToRead()
    {
        await using var client = await ConnectAsync(Who.Owner);
        Assert.Equal(Tools.Keys.Order(StringComparer.Ordinal), (await client.ListToolsAsync()).Select(tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.Null(client.ServerCapabilities.Resources);
        Assert.Null(client.ServerCapabilities.Prompts);
        Assert.Null(client.ServerCapabilities.Completions);
    }

    [Fact]
    public async Task ASessionOfAnother_LooksAsIfItWereNotThere()
    {
        var thing = await Requests.MakeAsync(isShared: false);
        await using var stranger = await ConnectAsync(Who.Stranger);
        await using var owner = await ConnectAsync(Who.Owner);
        foreach (var (name, of) in Tools)
        {
            if (of is null)
                continue;

            var foreign = await stranger.CallToolAsync(name, of(thing.Session));
            var absent = await stranger.CallToolAsync(name, of(OwnedThing.Absent.Session));
            Assert.Equal(
                Text(absent).Replace(OwnedThing.Absent.Session, "", StringComparison.Ordinal), Text(foreign).Replace(thing.Session, "", StringComparison.Ordinal));
            Assert.Contains("not_found", Text(foreign), StringComparison.Ordinal);
            Assert.NotEqual(true, (await owner.CallToolAsync(name, of(thing.Session))).IsError);
        }
    }

    [Fact]
    public async Task AnMcpSession_ServesTheKeyThatOpenedItAlone()
    {
        var thing = await Requests.MakeAsync(isShared: false);
        Assert.Equal(200, (await Requests.PingMcpAsync(Who.Owner, thing)).Status);
        Assert.Equal(200, (await Requests.PingMcpAsync(Who.OwnerByOldSecret, thing)).Status);
        foreach (var who in Enum.GetValues<Who>().Where(who => who is not Who.Owner and not Who.OwnerByOldSecret))
        {
            var foreign = await Requests.PingMcpAsync(who, thing);
            var absent = await Requests.PingMcpAsync(who, OwnedThing.Absent);
            Assert.Equal(absent.WithoutIds(OwnedThing.Absent.Ids), foreign.WithoutIds(thing.Ids));
            Assert.InRange(foreign.Status, 400, 499);
        }
    }

    [Fact]
    public async Task NoTool_FindsWhatAnotherKeySaid()
    {
        await Requests.MakeAsync(isShared: false);
        await Invited.OrderAsync(HttpMethod.Put, "/api/collections/docs", new { });
        await using var stranger = await ConnectAsync(Who.Stranger);
        foreach (var name in (string[])["find_code", "search"])
        {
            var found = await stranger.CallToolAsync(name, new Dictionary<string, object?> { ["query"] = "Where does it live?" });
            Assert.DoesNotContain(OwnedThing.Marker, Text(found), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnOpenSession_ActsByItsKeyAsItIsNow()
    {
        var thing = await Requests.MakeAsync(isShared: true);
        await using var owner = await ConnectAsync(Who.Owner);
        Assert.NotEqual(true, (await owner.CallToolAsync("ask", new Dictionary<string, object?> { ["question"] = "Hi" })).IsError);

        await Invited.OrderAsync(HttpMethod.Patch, "/api/keys/owner", new { upstreams = Array.Empty<string>() });

        var refused = await owner.CallToolAsync("ask", Tools["ask"]!(thing.Session));
        Assert.Contains("forbidden", Text(refused), StringComparison.Ordinal);
    }

    private async Task<McpClient> ConnectAsync(Who who)
    {
        var options = new HttpClientTransportOptions
        {
            Endpoint = new Uri(Host.Address, "/mcp"),
            AdditionalHeaders = new Dictionary<string, string> { ["x-api-key"] = Invited.SecretOf(who)! },
        };
        return await McpClient.CreateAsync(new HttpClientTransport(options)).WaitAsync(TestWait.Limit);
    }

    private static string Text(CallToolResult result) => JsonSerializer.Serialize(result.StructuredContent) + string.Join('\n', result.Content.OfType<TextContentBlock>().Select(block => block.Text));
}
