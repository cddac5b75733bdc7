using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Turns.Commands;
using OrleansChat.Core.Turns.Summaries;

namespace OrleansChat.Core.Turns;

/// <summary>What a turn will do, known before it begins.</summary>
public sealed record TurnPlan
{
    /// <summary>The turn.</summary>
    public required string TurnId { get; init; }

    /// <summary>Its session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The session's own budget; null for none.</summary>
    public Budget? SessionBudget { get; init; }

    /// <summary>The key that pays.</summary>
    public required ApiKey Caller { get; init; }

    /// <summary>The model that answers.</summary>
    public required Model Model { get; init; }

    /// <summary>What the model is told first; null for nothing.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>What is known of the conversation's beginning; null for nothing.</summary>
    public ConversationSummary? Summary { get; init; }

    /// <summary>Where passages are looked for; null for all collections.</summary>
    public IReadOnlyList<string>? Collections { get; init; }

    /// <summary>Whether passages are looked for at all.</summary>
    public bool Searches { get; init; }

    /// <summary>What the message wants.</summary>
    public Intent Intent { get; init; } = Intent.Question;

    /// <summary>The message to answer.</summary>
    public required string Question { get; init; }

    /// <summary>Who pays for the models that look for passages.</summary>
    public SearchPayer Payer => new(Caller) { SessionId = SessionId, SessionBudget = SessionBudget, IsPartOfRequest = true };

    /// <summary>An upper bound of the input tokens.</summary>
    public required long InputTokens { get; init; }
}
