using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Operation;

/// <summary><c>/api/budgets/{scope}</c>: money added while the server runs. For admins.</summary>
internal static partial class BudgetRoutes
{
    /// <summary>Maps the routes.</summary>
    public static void MapBudgets(this IEndpointRouteBuilder routes)
    {
        var budgets = routes.MapGroup("/api/budgets/{scope}").WithTags("Operation").RequireAdmin();
        budgets.MapPost("/top-up", TopUpAsync);
        budgets.MapGet("/top-ups", ListAsync);
    }

    private static async Task<Ok<ToppedUp>> TopUpAsync(
        string scope,
        Body<TopUpBody> body,
        Caller caller,
        Scopes scopes,
        IActorDirectory actors,
        ILogger<Scopes> logger,
        CancellationToken cancellationToken)
    {
        var found = await scopes.FindAsync(scope, caller.Key, cancellationToken);
        if (found.Budget is not { } budget)
            throw RequestException.Invalid("scope", $"Scope '{scope}' has no budget that could be topped up.", "Give it a budget in the settings, or by PATCH /api/keys.");

        var topUp = new TopUp(body.Value.OperationId, NanoUsd.FromUsd(body.Value.Usd), caller.Key.Id);
        var status = await actors.CostTracker(found.Name).TopUpAsync(topUp, budget, cancellationToken);
        LogToppedUp(logger, found.Name, body.Value.Usd, caller.Key.Id, topUp.OperationId);
        return TypedResults.Ok(new ToppedUp(found.Name, BudgetLine.Of(status)));
    }

    private static async Task<Ok<TopUpLines>> ListAsync(
        string scope, Caller caller, Scopes scopes, IActorDirectory actors, CancellationToken cancellationToken)
    {
        var found = await scopes.FindAsync(scope, caller.Key, cancellationToken);
        var list = await actors.CostTracker(found.Name).ListTopUpsAsync(cancellationToken);
        return TypedResults.Ok(new TopUpLines([.. list.Items.Select(item => new TopUpLine(item.OperationId, NanoUsd.ToUsd(item.NanoUsd), item.By, item.At))]));
    }

    [LoggerMessage(EventId = 60, EventName = "BudgetToppedUp", Level = LogLevel.Information, Message = "The budget of scope {Scope} was topped up by {Usd} USD by key {Key}, operation {Operation}.")]
    private static partial void LogToppedUp(ILogger logger, string scope, decimal usd, string key, string operation);

    internal sealed record ToppedUp(string Scope, BudgetLine Budget);

    internal sealed record TopUpLines(IReadOnlyList<TopUpLine> Items);

    internal sealed record TopUpLine(string OperationId, decimal Usd, string By, DateTimeOffset At);
}

/// <summary>The body of a top-up.</summary>
/// <param name="Usd">US dollars to add to the budget of the current window.</param>
/// <param name="OperationId">Names the operation; a repeat adds nothing.</param>
internal sealed record TopUpBody(decimal Usd, string OperationId) : IBody<TopUpBody>
{
    private const decimal LeastUsd = 0.000000001m;
    private const decimal MostUsd = 1_000_000_000;
    private const int MaxId = 128;

    public static TopUpBody Read(Fields fields, BodyLimits limits)
    {
        if (!fields.Has("usd"))
            fields.Fault("usd", $"is required and must be a number above 0, at most {MostUsd:F0}");
        return new TopUpBody(fields.Number("usd", LeastUsd, MostUsd) ?? 0, fields.RequiredText("operationId", MaxId));
    }
}
