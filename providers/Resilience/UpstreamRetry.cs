using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using Polly;
using Polly.Retry;

namespace OrleansChat.Providers.Resilience;

/// <summary>
/// The retry pipeline of one upstream: exponential back-off with decorrelated jitter, or exactly the wait the upstream asks for.
/// It wraps only the part of a call before the first byte of an answer.
/// </summary>
internal static partial class UpstreamRetry
{
    public static ResiliencePipeline Build(string upstream, UpstreamRetryOptions options, TimeProvider time, ILogger logger)
        => options.MaxRetries == 0
            ? ResiliencePipeline.Empty
            : new ResiliencePipelineBuilder { TimeProvider = time }
                .AddRetry(new RetryStrategyOptions
                {
                    MaxRetryAttempts = options.MaxRetries,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = options.BaseDelay,
                    MaxDelay = options.MaxDelay,
                    ShouldHandle = arguments => ValueTask.FromResult(
                        arguments.Outcome.Exception is UpstreamException failure && IsWorthARetry(failure, options)),
                    DelayGenerator = static arguments => ValueTask.FromResult((arguments.Outcome.Exception as UpstreamException)?.RetryAfter),
                    OnRetry = arguments =>
                    {
                        if (arguments.Outcome.Exception is UpstreamException failure)
                        {
                            Retrying(
                                logger, upstream, failure.Failure, failure.StatusCode, arguments.AttemptNumber + 1, arguments.RetryDelay.TotalMilliseconds);
                        }

                        return ValueTask.CompletedTask;
                    },
                })
                .Build();

    /// <summary>Whether the same request may pass at the same upstream a moment later.</summary>
    public static bool IsWorthARetry(UpstreamException failure, UpstreamRetryOptions options)
        => (failure.RetryAfter is not { } wait || wait <= options.MaxRetryAfter) && failure.Failure switch
        {
            UpstreamFailure.Connection or UpstreamFailure.ServerError or UpstreamFailure.RateLimited => true,
            // Our own clocks are not retried: the time is spent, and another upstream may be quicker.
            UpstreamFailure.Timeout => failure.StatusCode == 408,
            _ => false,
        };

    [LoggerMessage(2001, LogLevel.Warning,
        "Upstream {Upstream} failed ({Failure}, status {Status}); retry {Attempt} in {DelayMilliseconds} ms", EventName = "UpstreamRetry")]
    private static partial void Retrying(
        ILogger logger, string upstream, UpstreamFailure failure, int? status, int attempt, double delayMilliseconds);
}
