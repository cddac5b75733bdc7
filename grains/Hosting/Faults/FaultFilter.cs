using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;

namespace OrleansChat.Grains.Hosting.Faults;

/// <summary>
/// The edge of a silo: what leaves a grain of this product is an exception of its own or of Orleans. Anything else would be of a type that the
/// caller's process may not have; it stays in this silo's log.
/// </summary>
internal sealed partial class FaultFilter(ILogger<FaultFilter> logger) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception fault) when (context.Grain is Grain && !Travels(fault))
        {
            LogForeign(context.TargetId, context.MethodName, fault);
            throw FaultTranslation.Translate(fault);
        }

        // A stream's failure is an answer.
        if (context.InterfaceMethod.DeclaringType == typeof(IAsyncEnumerableGrainExtension)
            && context.Result is ITuple { Length: 2 } answer && answer[1] is Exception broken && !Travels(broken))
        {
            LogForeign(context.TargetId, context.MethodName, broken);
            context.Result = ((EnumerationResult)answer[0]!, (object?)FaultTranslation.Translate(broken));
        }
    }

    private static bool Travels(Exception fault) =>
        fault is OrleansChatException or OperationCanceledException or TimeoutException or OrleansException { InnerException: null };

    [LoggerMessage(603, LogLevel.Error, "{Grain} failed in {Method}")]
    private partial void LogForeign(GrainId grain, string method, Exception fault);
}
