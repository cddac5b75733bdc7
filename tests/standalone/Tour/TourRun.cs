using System.Net.WebSockets;
using System.Text;
using OrleansChat.Standalone.Tests.Executable;

namespace OrleansChat.Standalone.Tests.Tour;

/// <summary>Takes the tour: does what a reader does, against the executable, and holds the outcome against the page.</summary>
internal sealed class TourRun(string repository, string folder) : IAsyncDisposable
{
    private const string Run = "dotnet run --project standalone";
    private const string ShownAddress = "127.0.0.1:8080";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DocumentedOutput _output = new();
    private ServerProcess? _server;

    public async Task TakeAsync(TourStep step)
    {
        var command = step.Command;
        if (command == "^C")
            Assert.Equal(0, await _server!.StopAsync());
        else if (command.StartsWith($"{Run} -- index ", StringComparison.Ordinal))
            await IndexAsync(command[$"{Run} -- ".Length..], step.Output);
        else if (command.StartsWith(Run, StringComparison.Ordinal))
            await StartAsync(command[Run.Length..], step.Output);
        else if (command.StartsWith("curl ", StringComparison.Ordinal))
            await CurlAsync(command, step.Output);
        else if (command.StartsWith("wscat -c ", StringComparison.Ordinal))
            await SocketAsync(command["wscat -c ".Length..], step.Output);
        else
            Assert.Fail($"The tour has a command that the test does not know: {command}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task StartAsync(string arguments, IReadOnlyList<string> shown)
    {
        if (_server is not null)
            await _server.DisposeAsync();

        // The reader starts it in the repository; the test keeps its data apart.
        var words = ShellWords.Split(arguments.Replace(" -- ", " ", StringComparison.Ordinal))
            .Select(word => word == "docs" ? Path.Combine(repository, word) : word);
        _server = await ServerProcess.StartAsync(folder, words);
        foreach (var line in shown.Where(line => line.StartsWith("Collection ", StringComparison.Ordinal)))
            await _server.WaitForOutputAsync(line[..line.IndexOf(':', StringComparison.Ordinal)]);
    }

    private async Task IndexAsync(string arguments, IReadOnlyList<string> shown)
    {
        var words = ShellWords.Split(arguments).ToList();
        words[1] = Path.Combine(repository, words[1]);
        var run = await ServerProcess.RunAsync(folder, [.. words, "--server", _server!.Http.BaseAddress!.ToString()]);
        Assert.True(run.ExitCode == 0, run.Errors);
        var summary = shown.Single(line => line.StartsWith("Collection ", StringComparison.Ordinal));
        Assert.Contains(summary[..summary.IndexOf(':', StringComparison.Ordinal)], run.Output, StringComparison.Ordinal);
    }

    private async Task CurlAsync(string command, IReadOnlyList<string> shown)
    {
        using var request = CurlCommand.Parse(ShellWords.Split(Translate(command)));
        using var response = await _server!.Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{command}: {(int)response.StatusCode} {body}");
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            _output.AssertSameEvents(shown, body);
        else
            _output.AssertSameShape(string.Concat(shown), body);
    }

    private async Task SocketAsync(string address, IReadOnlyList<string> shown)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(Translate(address)), patience.Token);
        foreach (var line in shown.Where(line => line.Length > 2))
        {
            if (line.StartsWith("> ", StringComparison.Ordinal))
                await socket.SendAsync(Encoding.UTF8.GetBytes(line[2..]), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
            else if (line.StartsWith("< ", StringComparison.Ordinal))
                await ReceiveLikeAsync(socket, line[2..], patience.Token);
        }
    }

    /// <summary>Reads frames up to one of the shown type and status; the page leaves out most tokens.</summary>
    private async Task ReceiveLikeAsync(WebSocket socket, string shown, CancellationToken cancellationToken)
    {
        var wanted = Label(shown);
        while (true)
        {
            var frame = await ReceiveAsync(socket, cancellationToken);
            if (Label(frame) != wanted)
                continue;

            _output.AssertSameShape(shown, frame);
            return;
        }
    }

    private static string Label(string frame)
    {
        using var json = System.Text.Json.JsonDocument.Parse(frame);
        var root = json.RootElement;
        var status = root.TryGetProperty("status", out var value) ? value.GetString() : null;
        var data = root.TryGetProperty("data", out var inner) && inner.TryGetProperty("type", out var type) ? type.GetString() : null;
        return $"{root.GetProperty("type").GetString()} {status}{data}";
    }

    private static async Task<string> ReceiveAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            Assert.NotEqual(WebSocketMessageType.Close, part.MessageType);
            length += part.Count;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }

    private string Translate(string command) =>
        _output.Translate(command).Replace(ShownAddress, _server!.Http.BaseAddress!.Authority, StringComparison.Ordinal);
}
