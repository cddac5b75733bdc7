using System.Globalization;
using OrleansChat.Core.Turns.Commands;

namespace OrleansChat.Core.Turns;

/// <summary>What a turn was understood to want, and the sentence that announces it.</summary>
internal static class TurnIntent
{
    /// <summary>The model answers by itself.</summary>
    public const string Answer = "answer";

    /// <summary>Passages are retrieved first.</summary>
    public const string SearchAndAnswer = "search_and_answer";

    /// <summary>The first event of a turn.</summary>
    public static TurnStarted Announce(TurnPlan plan)
    {
        if (plan.Intent.IsCommand)
            return new TurnStarted(plan.TurnId, NameOf(plan.Intent.Kind), Announcement(plan), plan.Model.Id);

        var hint = plan.Intent.Kind == IntentKind.Answer ? "" : string.Create(
            CultureInfo.InvariantCulture, $" It reads like /{NameOf(plan.Intent.Kind)} (confidence {plan.Intent.Confidence:0.0}).");
        return plan.Searches
            ? new TurnStarted(plan.TurnId, SearchAndAnswer, $"Searching {Sources(plan.Collections)} and answering with model {plan.Model.Id}.{hint}", plan.Model.Id)
            : new TurnStarted(plan.TurnId, Answer, $"Answering with model {plan.Model.Id}.{hint}", plan.Model.Id);
    }

    private static string NameOf(IntentKind kind) => kind switch
    {
        IntentKind.Search => "search",
        IntentKind.Code => "code",
        IntentKind.Usage => "usage",
        IntentKind.Help => "help",
        _ => Answer,
    };

    private static string Announcement(TurnPlan plan) => plan.Intent.Kind switch
    {
        IntentKind.Search => $"Searching {Sources(plan.Collections)}.",
        IntentKind.Code => $"Looking for code in {Sources(plan.Collections)}.",
        IntentKind.Usage => $"Adding up what key '{plan.Caller.Id}' has used.",
        _ => "Listing the commands.",
    };

    private static string Sources(IReadOnlyList<string>? collections) =>
        collections is null ? "all collections" : string.Join(", ", collections.Select(name => $"'{name}'"));
}
