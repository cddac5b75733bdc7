using System.Collections.Concurrent;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry.GenAi;

/// <summary>Calls whose answer has begun, by the operation that was admitted: what settles the operation ends the call.</summary>
internal sealed class RunningCalls
{
    /// <summary>More than a process can hold open; beyond it, calls are not measured to their end.</summary>
    private const int Most = 100_000;

    private static readonly AsyncLocal<bool> Routed = new();

    private readonly ConcurrentDictionary<string, UpstreamCall> _calls = new(StringComparer.Ordinal);

    /// <summary>Whether the router measures what runs now; it ends with the asynchronous method that sets it.</summary>
    public static bool IsRouted
    {
        get => Routed.Value;
        set => Routed.Value = value;
    }

    /// <summary>Remembers a call; one that the operation made before ends without a usage of its own.</summary>
    public void Add(string operationId, UpstreamCall call)
    {
        End(operationId, null);
        if (_calls.Count < Most)
            _calls[operationId] = call;
    }

    /// <summary>Ends the operation's call, if it has one.</summary>
    public void End(string operationId, TokenUsage? usage)
    {
        if (_calls.TryRemove(operationId, out var call))
            call.End(usage);
    }

    /// <summary>Ends the operation's call as failed, if it has one.</summary>
    public void Fail(string operationId, Exception fault)
    {
        if (_calls.TryRemove(operationId, out var call))
            call.Fail(fault);
    }
}
