using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Telemetry;

/// <summary>The value of the label <c>error.type</c>: one of few, whatever a client or an upstream sends.</summary>
public static class ErrorType
{
    /// <summary>The kind of a failure: an upstream's <see cref="UpstreamFailure"/>, a problem's code, <c>cancelled</c>, or the exception's type.</summary>
    /// <param name="fault">The failure.</param>
    /// <returns>The label's value.</returns>
    public static string Of(Exception fault) => fault switch
    {
        UpstreamException upstream => upstream.Failure.ToString(),
        OrleansChatException known => known.Problem.Code,
        OperationCanceledException => "cancelled",
        _ => fault?.GetType().Name ?? "unknown",
    };
}
