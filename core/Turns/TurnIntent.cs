namespace OrleansChat.Core.Turns;

/// <summary>What a turn was understood to want, and the sentence that announces it.</summary>
internal static class TurnIntent
{
    /// <summary>The model answers by itself.</summary>
    public const string Answer = "answer";

    /// <summary>Passages are retrieved first.</summary>
    public const string SearchAndAnswer = "search_and_answer";

    /// <summary>The first event of a turn.</summary>
    public static TurnStarted Announce(TurnPlan plan) =>
        plan.Searches
            ? new TurnStarted(plan.TurnId, SearchAndAnswer, $"Searching {Sources(plan.Collections)} and answering with model {plan.Model.Id}.", plan.Model.Id)
            : new TurnStarted(plan.TurnId, Answer, $"Answering with model {plan.Model.Id}.", plan.Model.Id);

    private static string Sources(IReadOnlyList<string>? collections) =>
        collections is null ? "all collections" : string.Join(", ", collections.Select(name => $"'{name}'"));
}
