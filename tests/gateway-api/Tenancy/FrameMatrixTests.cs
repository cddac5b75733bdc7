using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>Every frame that a socket takes, from a key that may see the session no more, or names what is another's, or has ended.</summary>
public sealed partial class FrameMatrixTests : MatrixTests
{
    /// <summary>Frames, and whether they are about the socket's session. A frame that is added needs a line here.</summary>
    private static readonly Dictionary<string, (Func<string, object> Make, bool IsOfTheSession)> Frames = new(StringComparer.Ordinal)
    {
        ["chat"] = (_ => new { type = "chat", id = "f", data = new { message = "Hi" } }, true),
        ["resume"] = (turnId => new { type = "resume", id = "f", data = new { turnId, after = 0 } }, true),
        ["cancel"] = (turnId => new { type = "cancel", id = "f", data = new { turnId } }, true),
        ["search"] = (_ => new { type = "search", id = "f", data = new { query = "state" } }, false),
        ["find_code"] = (_ => new { type = "find_code", id = "f", data = new { query = "state", collection = "docs" } }, false),
        ["ping"] = (_ => new { type = "ping", id = "f" }, false),
    };


    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Invited.OrderAsync(HttpMethod.Put, "/api/collections/docs", new { });
    }

    [Fact]
    public async Task EveryFrame_IsDeclared()
    {
        using var socket = await OpenAsync(Who.Owner, "own");
        await socket.SendAsync(new { type = "none" });
        var rule = (await socket.ReceiveAsync()).GetProperty("detail").GetString()!;
        Assert.Equal(Frames.Keys.Order(StringComparer.Ordinal), Quoted().Matches(rule).Select(match => match.Groups[1].Value).Where(word => word is not "type" and not "none").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("resume")]
    [InlineData("cancel")]
    public async Task ATurnOfAnother_LooksAsIfItWereNotThere(string type)
    {
        var thing = await Requests.MakeAsync(isShared: false);
        using var socket = await OpenAsync(Who.Stranger, "own");

        var foreign = await AskAsync(socket, type, thing.Turn);
        var absent = await AskAsync(socket, type, OwnedThing.Absent.Turn);

        Assert.Equal(absent.Replace(OwnedThing.Absent.Turn, "", StringComparison.Ordinal), foreign.Replace(thing.Turn, "", StringComparison.Ordinal));
        Assert.Contains("not_found", foreign, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASessionThatIsSharedNoMore_IsGoneForTheSocketsThatAreOpen()
    {
        var thing = await Requests.MakeAsync(isShared: true);
        using var socket = await OpenAsync(Who.Teammate, thing.Session);
        Assert.Contains("completed", await AskAsync(socket, "resume", thing.Turn), StringComparison.Ordinal);

        await Invited.OrderAsync(HttpMethod.Patch, $"/api/sessions/{thing.Session}", new { shared = false });

        foreach (var (type, _) in Frames.Where(frame => frame.Value.IsOfTheSession))
            Assert.Contains($"There is no session '{thing.Session}'", await AskAsync(socket, type, thing.Turn), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyThatHasEnded_IsAnsweredNoFrame()
    {
        var thing = await Requests.MakeAsync(isShared: false);
        var sockets = new List<(string Type, SocketClient Socket)>();
        foreach (var type in Frames.Keys)
            sockets.Add((type, await OpenAsync(Who.Owner, thing.Session)));

        await Invited.OrderAsync(HttpMethod.Delete, "/api/keys/owner");

        foreach (var (type, socket) in sockets)
        {
            using (socket)
            {
                Assert.Contains("unauthenticated", await AskAsync(socket, type, thing.Turn), StringComparison.Ordinal);
                Assert.Equal(JsonValueKind.Undefined, (await socket.ReceiveAsync()).ValueKind);
                Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.Socket.CloseStatus);
            }
        }
    }

    private Task<SocketClient> OpenAsync(Who who, string session) => SocketClient.OpenAsync(Host.Address, session, key: Invited.SecretOf(who));

    /// <summary>All that is answered to a frame.</summary>
    private static async Task<string> AskAsync(SocketClient socket, string type, string turnId)
    {
        await socket.SendAsync(Frames[type].Make(turnId));
        if (type is "chat" or "resume")
            return Text(await socket.ReceiveTurnAsync());
        return Text([await socket.ReceiveAsync()]);
    }

    private static string Text(IEnumerable<JsonElement> frames) => string.Join('\n', frames.Select(frame => CorrelationId().Replace(frame.GetRawText(), "")));

    [GeneratedRegex("'([a-z_]+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("\"correlationId\":\"[^\"]*\"")]
    private static partial Regex CorrelationId();
}
