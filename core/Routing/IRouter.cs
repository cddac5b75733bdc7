using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>Finds the first healthy upstream of a model's route.</summary>
public interface IRouter
{
    /// <summary>What a call is told that would find no room: each target of its route has more to do already than it answers in time. To be asked before anything is counted for the call.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The refusal, which is counted; null where some target may have room.</returns>
    Errors.OrleansChatException? FindRefusal(Model model);

    /// <summary>
    /// Tries the route's targets in their order, which weights may draw anew for each operation, passing over those whose breaker is open, until one opens: its first token is there, or its answer
    /// is whole. Failures before that go to the breaker and on to the next target.
    /// </summary>
    /// <typeparam name="T">What an open call is to the caller, such as a stream with its first token.</typeparam>
    /// <param name="request">What is to be routed.</param>
    /// <param name="open">Asks one target. It throws <see cref="Errors.UpstreamException"/> where the target failed.</param>
    /// <param name="cancellationToken">Stops at once, and is nobody's failure.</param>
    /// <returns>The open call.</returns>
    /// <exception cref="Errors.OrleansChatException">
    /// The caller's own mistake as the first upstream found it, or a problem that lists what each target said.
    /// </exception>
    ValueTask<RoutedCall<T>> OpenAsync<T>(
        RouteRequest request, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken);

    /// <summary>
    /// As <see cref="OpenAsync{T}"/>, and where the model hedges, with a second call of the next target beside the first when that has no token after
    /// <see cref="Model.HedgeAfter"/>. The call that opens second is stopped, disposed of and settled: <see cref="RoutedCall{T}.Losing"/>.
    /// </summary>
    /// <typeparam name="T">What an open call is to the caller, such as a stream with its first token.</typeparam>
    /// <param name="request">What is to be routed.</param>
    /// <param name="hedge">Admits and settles the second call.</param>
    /// <param name="open">Asks one target for one of the operations. It throws <see cref="Errors.UpstreamException"/> where the target failed.</param>
    /// <param name="cancellationToken">Stops at once, and is nobody's failure.</param>
    /// <returns>The open call.</returns>
    /// <exception cref="Errors.OrleansChatException">As with <see cref="OpenAsync{T}"/>; the second call is then settled, the first is not.</exception>
    ValueTask<RoutedCall<T>> OpenHedgedAsync<T>(
        RouteRequest request, IHedge<T> hedge, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken);

    /// <summary>Reports a failure after the first token. Success needs no report: it was made at the first token.</summary>
    /// <param name="target">The target that failed.</param>
    /// <param name="attemptId">The attempt, from <see cref="RoutedCall{T}"/>.</param>
    /// <param name="failure">How it failed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask ReportFailureAsync(UpstreamTarget target, string attemptId, Errors.UpstreamException failure, CancellationToken cancellationToken);
}

/// <summary>A call to be routed.</summary>
/// <param name="Model">The model.</param>
/// <param name="OperationId">Names the operation, as it was admitted; each attempt gets an id of its own from it.</param>
/// <param name="Tokens">An upper bound of its tokens, input and output, for the upstreams' limits.</param>
public sealed record RouteRequest(Model Model, string OperationId, long Tokens)
{
    /// <summary>What the model is asked to do: a <see cref="ModelOperation"/>.</summary>
    public string Operation { get; init; } = ModelOperation.Chat;

    /// <summary>Whether it stands in for a call whose answer has broken off.</summary>
    public bool IsRestart { get; init; }

    /// <summary>The upstream whose limits have admitted the operation, so that they need not be asked again; null where none have.</summary>
    public string? AdmittedBy { get; init; }
}

/// <summary>A call that an upstream has opened.</summary>
/// <typeparam name="T">What an open call is to the caller.</typeparam>
/// <param name="Target">The upstream that answers.</param>
/// <param name="AttemptId">Names this attempt.</param>
/// <param name="Value">The open call.</param>
public sealed record RoutedCall<T>(UpstreamTarget Target, string AttemptId, T Value)
{
    /// <summary>The operation that opened: the request's own, or the second one of a hedged call.</summary>
    public string OperationId { get; init; } = "";

    /// <summary>The route's targets that have not been asked.</summary>
    public IReadOnlyList<UpstreamTarget> Untried { get; init; } = [];

    /// <summary>Whether another target answers than the one that the route prefers, or an earlier one has failed before it.</summary>
    public bool IsFallback { get; init; }

    /// <summary>Ends when the other call of a hedged one is stopped and settled; a caller waits for it before it ends itself.</summary>
    public Task Losing { get; init; } = Task.CompletedTask;
}
