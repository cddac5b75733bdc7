using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Turns.Commands;
using OrleansChat.Core.Turns.Context;

namespace OrleansChat.Core.Turns;

/// <summary>Decides what a turn will do and what it can use at most, without asking an upstream.</summary>
/// <param name="models">The models.</param>
/// <param name="retriever">Where passages come from.</param>
/// <param name="options">The settings.</param>
/// <param name="logger">The log.</param>
public sealed partial class TurnPlanner(
    IModelCatalog models, IRetriever retriever, IOptions<OrleansChatOptions> options, ILogger<TurnPlanner> logger)
{
    /// <summary>Plans a turn.</summary>
    /// <param name="turnId">The turn.</param>
    /// <param name="sessionId">Its session.</param>
    /// <param name="caller">The key that asks, and pays.</param>
    /// <param name="session">The session: its settings and what is known of its beginning.</param>
    /// <param name="model">The turn's own model; null for the session's.</param>
    /// <param name="question">The message to answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="RequestException"><c>not_found</c> for the model; <c>too_large</c> when the message alone does not fit its window.</exception>
    public async ValueTask<TurnPlan> PlanAsync(
        string turnId,
        string sessionId,
        ApiKey caller,
        SessionState session,
        string? model,
        StoredMessage question,
        CancellationToken cancellationToken)
    {
        var settings = session.Settings;
        var found = models.FindFor(model ?? settings.Model, caller);
        var window = ContextWindow.Of(found);
        var text = question.Message.Content;
        if (ContextBuilder.Fixed(settings.SystemPrompt, text) > window.Input)
            throw TooLarge(found, window);

        var intent = IntentReader.Read(text);
        var collections = caller.CollectionsOf(settings.Collections);
        var searches = !intent.IsCommand && await SearchesAsync(collections, cancellationToken);
        return new TurnPlan
        {
            TurnId = turnId,
            SessionId = sessionId,
            SessionBudget = BudgetOf(settings),
            Caller = caller,
            Model = found,
            SystemPrompt = settings.SystemPrompt,
            Summary = session.Summary,
            Collections = collections,
            Searches = searches,
            Intent = intent,
            Question = text,
            InputTokens = intent.IsCommand ? 0 : Bound(found, session, question.PathTokens, searches ? options.Value.Sessions.Passages : 0),
        };
    }

    /// <summary>The budget of a session.</summary>
    /// <param name="settings">Its settings.</param>
    /// <returns>The budget; null for none.</returns>
    public static Budget? BudgetOf(SessionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.BudgetUsd is { } usd ? new Budget(NanoUsd.FromUsd(usd), BudgetWindow.Total) : null;
    }

    private static long Bound(Model model, SessionState session, long pathTokens, int passages) =>
        Math.Min(
            model.ContextTokens,
            ContextBuilder.UpperBound(session.Settings.SystemPrompt, session.Summary) + PassageBlock.UpperBound(passages) + pathTokens);

    private static RequestException TooLarge(Model model, ContextWindow window) =>
        new(Problem.Of(
            ProblemCode.TooLarge,
            $"The message and the system prompt do not fit the window of model '{model.Id}', which takes about {window.Input} input tokens.",
            "Shorten the message.",
            "Choose a model with a larger window.") with
        { Subject = "message" });

    private async ValueTask<bool> SearchesAsync(IReadOnlyList<string>? collections, CancellationToken cancellationToken)
    {
        if (options.Value.Sessions.Passages == 0 || collections is { Count: 0 })
            return false;

        try
        {
            return await retriever.HasSourcesAsync(collections, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A turn without passages is better than none.
            LogSourcesUnknown(fault);
            return false;
        }
    }

    [LoggerMessage(320, LogLevel.Warning, "The collections could not be listed; the turn goes on without passages")]
    private partial void LogSourcesUnknown(Exception fault);
}
