using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansChat.Core.Actors;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Operation;

/// <summary><c>/api/breakers</c>.</summary>
internal static class BreakerRoutes
{
    /// <summary>Maps the routes.</summary>
    public static void MapBreakers(this IEndpointRouteBuilder routes)
    {
        var breakers = routes.MapGroup("/api/breakers").WithTags("Operation");
        breakers.MapGet("", ListAsync);
        breakers.MapPost("/{upstream}/reset", ResetAsync).RequireAdmin();
        breakers.MapPost("/{upstream}/trip", TripAsync).RequireAdmin();
    }

    private static async Task<Ok<BreakerList>> ListAsync(
        Caller caller, OrleansChatOptions options, IActorDirectory actors, CancellationToken cancellationToken)
    {
        return TypedResults.Ok(new BreakerList(await Task.WhenAll(Upstreams(options).Select(LineAsync))));

        async Task<BreakerLine> LineAsync(string upstream)
        {
            var breaker = actors.CircuitBreaker(upstream);
            return await LineOfAsync(breaker, await breaker.DescribeAsync(cancellationToken), caller, cancellationToken);
        }
    }

    private static async Task<Ok<BreakerLine>> ResetAsync(
        string upstream, Caller caller, OrleansChatOptions options, IActorDirectory actors, CancellationToken cancellationToken)
    {
        var breaker = Find(upstream, options, actors);
        return TypedResults.Ok(await LineOfAsync(breaker, await breaker.ResetAsync(caller.Key.Id, cancellationToken), caller, cancellationToken));
    }

    private static async Task<Ok<BreakerLine>> TripAsync(
        string upstream, Caller caller, OrleansChatOptions options, IActorDirectory actors, CancellationToken cancellationToken)
    {
        var breaker = Find(upstream, options, actors);
        return TypedResults.Ok(await LineOfAsync(breaker, await breaker.TripAsync(caller.Key.Id, cancellationToken), caller, cancellationToken));
    }

    // Who tripped or reset it is told to admins alone.
    private static async ValueTask<BreakerLine> LineOfAsync(
        ICircuitBreakerActor breaker, BreakerSnapshot snapshot, Caller caller, CancellationToken cancellationToken)
    {
        var history = (await breaker.HistoryAsync(cancellationToken)).Transitions;
        return caller.Key.Admin
            ? BreakerLine.Of(snapshot, history)
            : BreakerLine.Of(snapshot with { By = null }, [.. history.Select(transition => transition with { By = null })]);
    }

    private static ICircuitBreakerActor Find(string upstream, OrleansChatOptions options, IActorDirectory actors) =>
        Upstreams(options).Contains(upstream) ? actors.CircuitBreaker(upstream) : throw RequestException.NotFound("upstream", upstream);

    private static IEnumerable<string> Upstreams(OrleansChatOptions options) =>
        [.. options.Upstreams.Select(upstream => upstream.Id), UpstreamOptions.BuiltinId];

    internal sealed record BreakerList(IReadOnlyList<BreakerLine> Items);

    internal sealed record BreakerLine(
        string Upstream, BreakerState State, int Failures, DateTimeOffset? OpenedAt, DateTimeOffset? RetryAt, string? Cause,
        string? By, IReadOnlyList<BreakerTransition> History)
    {
        public static BreakerLine Of(BreakerSnapshot snapshot, IReadOnlyList<BreakerTransition> history) =>
            new(snapshot.Upstream, snapshot.State, snapshot.Failures, snapshot.OpenedAt, snapshot.RetryAt, snapshot.Cause, snapshot.By, history);
    }
}
