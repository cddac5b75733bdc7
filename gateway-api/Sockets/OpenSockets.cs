using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>The gateway's open sockets, and who makes room when they are too many.</summary>
internal sealed class OpenSockets(OrleansChatOptions options, TimeProvider clock)
{
    private const double RetrySeconds = 5;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<OpenSocket>> _byKey = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>What a client is told whose socket made room.</summary>
    public const string Reason = "Idle longest when the limit of open connections was reached.";

    /// <summary>Lets a socket in; where there is no room, the longest idle one makes it.</summary>
    /// <param name="key">The id of its key.</param>
    /// <returns>The socket, to be disposed when it is closed.</returns>
    /// <exception cref="RequestException"><c>rate_limited</c>: all others stream.</exception>
    public OpenSocket Enter(string key)
    {
        OpenSocket socket;
        OpenSocket? leaving;
        lock (_gate)
        {
            leaving = MakeRoom(key);
            socket = new OpenSocket(this, key, clock.GetTimestamp());
            if (!_byKey.TryGetValue(key, out var own))
                _byKey[key] = own = [];
            own.Add(socket);
            _count++;
        }

        leaving?.Leave();
        return socket;
    }

    /// <summary>Something happened on a socket.</summary>
    public void Touch(OpenSocket socket)
    {
        lock (_gate)
            socket.LastUse = clock.GetTimestamp();
    }

    /// <summary>An answer begins on a socket.</summary>
    public bool BeginStream(OpenSocket socket)
    {
        lock (_gate)
        {
            if (socket.IsLeaving)
                return false;
            socket.Streams++;
            return true;
        }
    }

    /// <summary>An answer has ended on a socket.</summary>
    public void EndStream(OpenSocket socket)
    {
        lock (_gate)
        {
            socket.Streams--;
            socket.LastUse = clock.GetTimestamp();
        }
    }

    /// <summary>A socket is closed.</summary>
    public void Remove(OpenSocket socket)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(socket.Key, out var own) || !own.Remove(socket))
                return;
            _count--;
            if (own.Count == 0)
                _byKey.Remove(socket.Key);
        }
    }

    private OpenSocket? MakeRoom(string key)
    {
        var limits = options.Gateway.Sockets;
        if (_byKey.TryGetValue(key, out var own) && own.Count >= limits.MaxOpenPerKey)
            return Choose(own, $"Key '{key}' has {own.Count} open connections, as many as it may");
        return _count >= limits.MaxOpen ? Choose(_byKey.Values.SelectMany(sockets => sockets), $"The server has {_count} open connections, as many as it takes") : null;
    }

    private OpenSocket Choose(IEnumerable<OpenSocket> sockets, string full)
    {
        if (sockets.Where(socket => socket.Streams == 0).MinBy(socket => socket.LastUse) is not { } idle)
        {
            var problem = Problem.Of(ProblemCode.RateLimited, $"{full}, and all of them stream.", "Close one, or wait until an answer is complete.");
            throw new RequestException(problem with { RetryAfterSeconds = RetrySeconds });
        }

        // It counts no longer, although its closing takes a moment.
        idle.IsLeaving = true;
        Remove(idle);
        return idle;
    }
}
