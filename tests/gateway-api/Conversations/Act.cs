using System.Net.WebSockets;
using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Calls;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Something that a client does with a session, and what became of it.</summary>
/// <param name="key">Who.</param>
/// <param name="session">With which session.</param>
internal abstract class Act(string key, NaiveSession session)
{
    private readonly CancellationTokenSource _leaving = new();

    public string Key => key;

    public NaiveSession Session => session;

    /// <summary>Whether it came while turns were under way.</summary>
    public bool IsLate { get; init; }

    /// <summary>The status of the answer, or of the problem that a frame told; 0 where none came.</summary>
    public int Status { get; private set; }

    /// <summary>The code of the problem; null for none.</summary>
    public string? Code { get; private set; }

    /// <summary>Whether the client hung up before the end.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>What broke the answer off; null for nothing.</summary>
    public Exception? Broken { get; private set; }

    public Task Doing { get; private set; } = Task.CompletedTask;

    protected CancellationToken Leaving => _leaving.Token;

    protected string Path => $"/api/sessions/{session.Id}";

    protected string Shown => $"{key}, session {session.Number}{(IsLate ? ", late" : "")}{(HasLeft ? ", left" : "")}: {Status} {Code} {Broken?.Message}";

    /// <summary>Does it in the background.</summary>
    public void Start(IGatewaySite world) => Doing = Task.Run(() => DoToEndAsync(world));

    /// <summary>Hangs up.</summary>
    public async Task LeaveAsync()
    {
        await _leaving.CancelAsync();
        await Doing;
    }

    protected abstract Task DoAsync(IGatewaySite world);

    /// <summary>Notes the status of an answer, and the problem where it is one.</summary>
    /// <returns>The body where it is whole JSON; undefined otherwise.</returns>
    protected async Task<JsonElement> TakeAsync(HttpResponseMessage response)
    {
        Status = (int)response.StatusCode;
        var text = await response.Content.ReadAsStringAsync(Leaving);
        var body = text.StartsWith('{') ? JsonElement.Parse(text) : default;
        Code = response.IsSuccessStatusCode ? null : body.GetProperty("code").GetString();
        return body;
    }

    /// <summary>Notes that the answer has begun.</summary>
    protected void Take(HttpResponseMessage response) => Status = (int)response.StatusCode;

    /// <summary>Sends a request; what is read of its answer is the caller's.</summary>
    protected async Task<HttpResponseMessage> SendAsync(IGatewaySite world, HttpMethod method, string path, object? body, string? accept = null, long? lastEventId = null)
    {
        using var request = ConversationWorld.Request(key, method, path, body);
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        if (lastEventId is { } last)
            request.Headers.Add("Last-Event-ID", $"{last}");
        return await world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Leaving);
    }

    /// <summary>Opens a chat socket.</summary>
    /// <returns>The socket; null where the handshake was refused.</returns>
    protected async Task<SocketClient?> OpenSocketAsync(IGatewaySite world)
    {
        var client = new SocketClient();
        client.Socket.Options.CollectHttpResponseDetails = true;
        client.Socket.Options.SetRequestHeader("x-api-key", CallSettings.SecretOf(key));
        try
        {
            await client.Socket.ConnectAsync(new Uri($"ws://{world.Address.Authority}/chat/ws/{key}/{session.Id}"), Leaving);
            Status = 200;
            return client;
        }
        catch (WebSocketException) when (client.Socket.HttpStatusCode is not 0)
        {
            (Status, Code) = ((int)client.Socket.HttpStatusCode, "handshake");
            client.Dispose();
            return null;
        }
    }

    /// <summary>Reads frames until the turn or the wait for it ends.</summary>
    protected async Task HearAsync(SocketClient client, Heard heard, Action<string> begun)
    {
        await using var leaving = Leaving.Register(client.Socket.Abort);
        while (!heard.HasEnd)
        {
            var frame = await client.ReceiveAsync();
            if (frame.ValueKind is JsonValueKind.Undefined)
                throw new IOException("The socket was closed.");

            if (SocketClient.Type(frame) == "error")
            {
                (Status, Code) = (frame.GetProperty("status").GetInt32(), frame.GetProperty("code").GetString());
                return;
            }

            begun(frame.GetProperty("turnId").GetString()!);
            if (HeardEvent.OfFrame(frame) is { } entry)
                heard.Add(entry);
            else if (frame.GetProperty("status").GetString() != "processing")
                return;
        }
    }

    private async Task DoToEndAsync(IGatewaySite world)
    {
        try
        {
            await DoAsync(world);
        }
        catch (Exception) when (_leaving.IsCancellationRequested)
        {
            HasLeft = true;
        }
        catch (Exception fault)
        {
            Broken = fault;
        }
    }
}

/// <summary>How a client talks.</summary>
internal enum Way
{
    /// <summary><c>POST /chat</c>.</summary>
    Simple,

    /// <summary>For an answer in one piece.</summary>
    Whole,

    /// <summary>For server-sent events; a reader says in the query what he has.</summary>
    Events,

    /// <summary>For server-sent events; a reader says in <c>Last-Event-ID</c> what he has.</summary>
    EventSource,

    /// <summary>In frames.</summary>
    Socket,
}
