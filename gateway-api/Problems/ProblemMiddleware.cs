using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Errors.Incidents;
using OrleansChat.Core.Health;
using OrleansChat.GatewayApi.Answers;

namespace OrleansChat.GatewayApi.Problems;

/// <summary>The one place where exceptions and bare error statuses become responses.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, FailureLog failures, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (IsBareError(context.Response))
                await ProblemWriter.WriteAsync(context, FaultTranslation.OfStatus(context), context.Response.StatusCode);
        }
        catch (Exception fault) when (IsGone(context, fault))
        {
            LogGone();
        }
        catch (Exception fault)
        {
            var problem = FaultTranslation.ToProblem(fault);
            Log(problem, fault);
            if (problem.Status >= StatusCodes.Status500InternalServerError && !IsShed(fault))
                failures.Report(fault, problem, context.TraceIdentifier);

            // Half an answer cannot be taken back. The server sends what is written and then cuts the connection, so that the client knows
            // that the answer is not whole; an abort would throw away what is written.
            if (context.Response.HasStarted)
                throw;
            await AnswerAsync(context, fault, problem);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception fault, Problem problem)
    {
        // The answer that was not to be leaves its description behind; correlation and limits still hold.
        context.Response.ContentLength = null;
        context.Response.Headers.ContentDisposition = default;
        if (fault is OrleansChatException { Fallback: { } fallback })
            FallbackHeader.Add(context, fallback);
        try
        {
            await ProblemWriter.WriteAsync(context, problem, FaultTranslation.StatusOf(fault));
        }
        catch (Exception gone) when (IsGone(context, gone))
        {
            LogGone();
        }
    }

    // Nothing has failed: it was refused so that nothing is late. There are too many of them to tell each.
    private static bool IsShed(Exception fault) => fault is OrleansChatException { Fallback: Fallbacks.Shedding };

    private static bool IsBareError(HttpResponse response) =>
        !response.HasStarted && response is { StatusCode: >= 400, ContentLength: null, ContentType: null };

    private static bool IsGone(HttpContext context, Exception fault) =>
        fault is ConnectionResetException or ConnectionAbortedException
        || (fault is OperationCanceledException && context.RequestAborted.IsCancellationRequested);

    private void Log(Problem problem, Exception fault)
    {
        if (problem.Code == ProblemCode.Internal.Name)
            LogInternal(fault);
        else if (problem.Status >= StatusCodes.Status500InternalServerError && !IsShed(fault))
            LogUpstream(problem.Code, problem.Detail, fault);
        else
            LogRefused(problem.Code, problem.Subject);
    }

    [LoggerMessage(EventId = 1, EventName = "RequestFailed", Level = LogLevel.Error, Message = "The request failed.")]
    private partial void LogInternal(Exception fault);

    [LoggerMessage(EventId = 2, EventName = "UpstreamProblem", Level = LogLevel.Warning, Message = "{Code}: {Detail}")]
    private partial void LogUpstream(string code, string detail, Exception fault);

    [LoggerMessage(EventId = 3, EventName = "RequestRefused", Level = LogLevel.Debug, Message = "Refused with {Code} ({Subject}).")]
    private partial void LogRefused(string code, string? subject);

    [LoggerMessage(EventId = 4, EventName = "ClientGone", Level = LogLevel.Debug, Message = "The client went away before the answer was whole.")]
    private partial void LogGone();
}
