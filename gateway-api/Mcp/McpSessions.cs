using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>
/// The MCP sessions of this gateway. One that nobody uses ends after a while; when there are too many, the key that has the most gives up the one that is
/// idle longest.
/// </summary>
internal sealed class McpSessions : IAsyncDisposable
{
    /// <summary>How many there may be.</summary>
    public const int MaxSessions = 1_000;

    /// <summary>How long one is kept without a request.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(30);

    private const int IdBytes = 24;
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, McpSession> _sessions = new(StringComparer.Ordinal);
    private readonly McpServers _servers;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _clock;
    private readonly ITimer _sweep;

    public McpSessions(McpServers servers, ILoggerFactory loggers, TimeProvider clock)
    {
        (_servers, _loggers, _clock) = (servers, loggers, clock);
        _sweep = clock.CreateTimer(_ => _ = SweepAsync(), null, SweepInterval, SweepInterval);
    }

    /// <summary>How many there are.</summary>
    public int Count => _sessions.Count;

    /// <summary>Opens a session.</summary>
    /// <exception cref="OrleansChatException">All sessions are in use.</exception>
    public async ValueTask<McpSession> OpenAsync(ApiKey key)
    {
        if (_sessions.Count >= MaxSessions)
            await MakeRoomAsync(key);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        var transport = new StreamableHttpServerTransport(_loggers) { SessionId = id };
        var caller = new McpCaller(key);
        var session = new McpSession(id, caller, transport, _servers.Create(transport, caller), _clock);
        _sessions[id] = session;
        session.Run();
        return session;
    }

    /// <summary>A caller's session, which acts by the caller's key as it is now; null where there is none, or it is another's.</summary>
    public McpSession? Find(string id, ApiKey key)
    {
        if (!_sessions.TryGetValue(id, out var session) || session.Caller.Key.Id != key.Id)
            return null;

        session.Caller.Key = key;
        return session;
    }

    /// <summary>Ends a session.</summary>
    public async ValueTask CloseAsync(McpSession session)
    {
        if (_sessions.TryRemove(session.Id, out _))
            await session.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        foreach (var session in _sessions.Values)
            await CloseAsync(session);
    }

    private async Task SweepAsync()
    {
        foreach (var session in _sessions.Values.Where(session => session.Idle >= IdleTime))
            await CloseAsync(session);
    }

    // Nobody loses a session to a key that has more of them.
    private async ValueTask MakeRoomAsync(ApiKey newcomer)
    {
        var byKey = _sessions.Values.ToLookup(session => session.Caller.Key.Id);
        var least = byKey[newcomer.Id].Count();
        var idle = byKey.Where(own => own.Count() >= least).OrderByDescending(own => own.Count())
            .Select(own => own.MaxBy(session => session.Idle)!).FirstOrDefault(session => session.Idle > TimeSpan.Zero);
        if (idle is null)
        {
            throw new OrleansChatException(Problem.Of(
                ProblemCode.UpstreamUnavailable, $"All {MaxSessions} MCP sessions of this server are in use.", "Try again later."));
        }

        await CloseAsync(idle);
    }
}
