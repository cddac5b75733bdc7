namespace OrleansChat.Core.Costs;

/// <summary>How much may be spent in a window.</summary>
/// <param name="LimitNanoUsd">The limit in nano-dollars, at least 0.</param>
/// <param name="Window">The window that it holds for.</param>
public sealed record Budget(long LimitNanoUsd, BudgetWindow Window)
{
    /// <summary>The thresholds of a budget that names none.</summary>
    public static readonly IReadOnlyList<int> DefaultThresholds = [80, 100];

    /// <summary>The percentages of the limit at which a warning is raised, once in a window; null for <see cref="DefaultThresholds"/>.</summary>
    public IReadOnlyList<int>? Thresholds { get; init; }

    /// <summary>Tokens, input and output, that are free in each window, by the model's id. They are used up before anything is charged.</summary>
    public IReadOnlyDictionary<string, long>? FreeTokens { get; init; }

    /// <summary>The free tokens of a model.</summary>
    /// <param name="model">The model's id.</param>
    /// <returns>The free tier; null for none.</returns>
    public FreeTier? FreeTierOf(string model) =>
        FreeTokens is not null && FreeTokens.TryGetValue(model, out var tokens) ? new FreeTier(tokens, Window) : null;
}

/// <summary>Tokens of one model that are free in each window.</summary>
/// <param name="Tokens">Input and output tokens together, at least 0.</param>
/// <param name="Window">The window.</param>
public sealed record FreeTier(long Tokens, BudgetWindow Window);
