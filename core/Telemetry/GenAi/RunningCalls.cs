using System.Collections.Concurrent;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry.GenAi;

/// <summary>Calls whose upstream has had the prompt, by the operation that was admitted: what settles the operation tells what the call has used, and ends it if it has not ended.</summary>
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
        End(operationId);
        if (_calls.Count < Most)
            _calls[operationId] = call;
    }

    /// <summary>Ends the operation's call, if it has one, without a usage.</summary>
    public void End(string operationId)
    {
        if (_calls.TryRemove(operationId, out var call))
            call.End(null);
    }

    /// <summary>Ends the operation's call, if it has one, with what was used.</summary>
    public void End(string operationId, TokenUsage usage, UpstreamTarget target)
    {
        if (_calls.TryRemove(operationId, out var call))
            call.End(usage, target);
    }

    /// <summary>Ends the operation's call as failed, if it has one; what it has used is still to come.</summary>
    public void Fail(string operationId, Exception fault)
    {
        if (_calls.TryGetValue(operationId, out var call))
            call.Fail(fault);
    }
}
