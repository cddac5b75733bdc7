using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Sessions;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>A frame of a client.</summary>
/// <param name="Id">The client's own id of the frame, repeated in the answers; null for none.</param>
internal abstract record SocketFrame(string? Id)
{
    private const int MaxQuery = 10_000;
    private const int MaxHits = 100;
    private const int MaxLanguage = 32;

    /// <summary>Reads a frame.</summary>
    /// <exception cref="RequestException">It breaks a rule.</exception>
    public static SocketFrame Read(JsonElement root, BodyLimits limits)
    {
        var fields = Fields.Of(root);
        var id = fields.Text("id", SessionRules.MaxId);
        var frame = fields.Word("type", "chat", "resume", "cancel", "search", "find_code", "ping") switch
        {
            "chat" => ReadData(fields, data => new ChatFrame(id, data.RequiredText("message", limits.MaxMessageCharacters))),
            "resume" => ReadData(fields, data => new ResumeFrame(id, TurnIdOf(data), data.Whole("after", 0, int.MaxValue) ?? 0)),
            "cancel" => ReadData(fields, data => new CancelFrame(id, TurnIdOf(data))),
            "search" => ReadData(fields, data => new SearchFrame(
                id,
                data.RequiredText("query", MaxQuery),
                data.Text("collection", SessionRules.MaxCollectionName),
                data.Whole("limit", 1, MaxHits))),
            "find_code" => ReadData(fields, data => new FindCodeFrame(
                id,
                data.RequiredText("query", MaxQuery),
                data.RequiredText("collection", SessionRules.MaxCollectionName),
                data.Text("language", MaxLanguage),
                data.Whole("limit", 1, MaxHits))),
            "ping" => new PingFrame(id),
            _ => null,
        };
        if (!fields.Has("type"))
            fields.Fault("type", "is required");
        fields.ThrowIfFaulty();
        return frame!;
    }

    private static SocketFrame? ReadData(Fields fields, Func<Fields, SocketFrame> read)
    {
        if (fields.Object("data") is { } data)
            return read(data);
        if (!fields.Has("data"))
            fields.Fault("data", "is required and must be an object");
        return null;
    }

    private static string TurnIdOf(Fields data)
    {
        var id = data.RequiredText("turnId", SessionRules.MaxId);
        if (id.Length > 0 && !SessionAccess.IsId(id))
            data.Fault("turnId", "must be 1 to 100 letters, digits, '-' or '_'");
        return id;
    }
}

/// <summary>Starts a turn.</summary>
internal sealed record ChatFrame(string? Id, string Message) : SocketFrame(Id);

/// <summary>Goes on reading a turn.</summary>
internal sealed record ResumeFrame(string? Id, string TurnId, long After) : SocketFrame(Id);

/// <summary>Stops a turn.</summary>
internal sealed record CancelFrame(string? Id, string TurnId) : SocketFrame(Id);

/// <summary>Searches a collection.</summary>
internal sealed record SearchFrame(string? Id, string Query, string? Collection, int? Limit) : SocketFrame(Id);

/// <summary>Searches a collection for code.</summary>
internal sealed record FindCodeFrame(string? Id, string Query, string Collection, string? Language, int? Limit) : SocketFrame(Id);

/// <summary>Asks for a sign of life.</summary>
internal sealed record PingFrame(string? Id) : SocketFrame(Id);
