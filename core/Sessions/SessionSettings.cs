namespace OrleansChat.Core.Sessions;

/// <summary>What a session is made with.</summary>
public sealed record SessionSettings
{
    /// <summary>Its title; null to take one from the first message.</summary>
    public string? Title { get; init; }

    /// <summary>The model that answers; null for the default.</summary>
    public string? Model { get; init; }

    /// <summary>What the model is told first.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Collections that passages are retrieved from; null for all, empty for none.</summary>
    public IReadOnlyList<string>? Collections { get; init; }

    /// <summary>What all its turns may cost, in US dollars; null for no limit.</summary>
    public decimal? BudgetUsd { get; init; }

    /// <summary>Minutes without activity after which it expires; null for never.</summary>
    public int? TtlMinutes { get; init; }

    /// <summary>Whether the owner's team may see it and chat in it.</summary>
    public bool Shared { get; init; }
}

/// <summary>Changes of a session; what is null stays as it is.</summary>
public sealed record SessionChanges
{
    /// <summary>Its title.</summary>
    public string? Title { get; init; }

    /// <summary>The model that answers.</summary>
    public string? Model { get; init; }

    /// <summary>What the model is told first.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Collections that passages are retrieved from.</summary>
    public IReadOnlyList<string>? Collections { get; init; }

    /// <summary>Whether the owner's team may see it and chat in it.</summary>
    public bool? Shared { get; init; }

    /// <summary>A message on the branch that is to be the active path; the path then ends in that branch's newest message.</summary>
    public string? ActiveMessageId { get; init; }
}
