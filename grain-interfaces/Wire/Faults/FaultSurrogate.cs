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

    /// <summary>The failure behind it if it is one of Orleans, because callers decide by its kind.</summary>
    [Id(1)]
    public OrleansException? Cause { get; set; }

    /// <summary>
    /// Any other failure behind it as text: it may come from any library, such as a client of Redis or gRPC, and an exception that Orleans does not
    /// take would take the whole answer along.
    /// </summary>
    [Id(2)]
    public string? CauseText { get; set; }

    /// <summary>The fallback that refuses instead of serving; null where it is none, and from hosts that do not tell.</summary>
    [Id(3)]
    public string? Fallback { get; set; }

    /// <summary>The surrogate of an exception.</summary>
    internal static FaultSurrogate Of(OrleansChatException fault) => new()
    {
        Problem = JsonSerializer.Serialize(fault.Problem, WireJson.Default.Problem),
        Fallback = fault.Fallback,
        Cause = fault.InnerException as OrleansException,
        CauseText = fault.InnerException switch
        {
            null or OrleansException => null,
            RemoteFailureException remote => remote.Message,
            var cause => cause.ToString(),
        },
    };

    /// <summary>The failure behind it, for the log.</summary>
    internal readonly Exception? ToCause() => CauseText is null ? Cause : new RemoteFailureException(CauseText);

    /// <summary>The problem again.</summary>
    internal readonly Problem ToProblem() => JsonSerializer.Deserialize(Problem, WireJson.Default.Problem)!;
}
