using OrleansChat.Core.Errors;

namespace OrleansChat.Grains.Hosting.Faults;

/// <summary>What a caller is told of a failure that is not the product's own.</summary>
internal static class FaultTranslation
{
    /// <summary>
    /// The same failure where it may travel: the product's own, also inside of one of Orleans, and Orleans' own where nothing is inside.
    /// </summary>
    public static Exception Translate(Exception fault)
    {
        for (var inner = fault; inner is not null; inner = inner.InnerException)
        {
            if (inner is OrleansChatException own)
                return own;
        }

        if (fault is OrleansException { InnerException: null })
            return fault;

        return new OrleansChatException(
            Problem.Of(ProblemCode.Internal, "The call failed by a fault of this server.", "Try again.", "Report the correlation id to the operator; the log has the cause."),
            fault);
    }
}
