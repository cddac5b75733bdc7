using System.Text.Json;
using OrleansChat.Core.Errors;

namespace OrleansChat.GrainInterfaces.Wire.Faults;

/// <summary>What crosses the wire of an <see cref="OrleansChatException"/>: its problem, and the failure behind it for the log.</summary>
[GenerateSerializer, Alias("orleanschat.fault")]
public struct FaultSurrogate
{
    /// <summary>The problem as JSON.</summary>
    [Id(0)]
    public string Problem { get; set; }

    /// <summary>The failure behind it; one that the other side does not know arrives with its text.</summary>
    [Id(1)]
    public Exception? Cause { get; set; }

    /// <summary>The surrogate of an exception.</summary>
    internal static FaultSurrogate Of(OrleansChatException fault) => new()
    {
        Problem = JsonSerializer.Serialize(fault.Problem, WireJson.Default.Problem),
        Cause = fault.InnerException,
    };

    /// <summary>The problem again.</summary>
    internal readonly Problem ToProblem() => JsonSerializer.Deserialize(Problem, WireJson.Default.Problem)!;
}
