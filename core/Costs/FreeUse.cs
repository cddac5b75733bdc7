namespace OrleansChat.Core.Costs;

/// <summary>
/// What was used of free tokens, and what open reservations hold of them. As with money, a reservation holds an upper bound, so what it was
/// promised cannot be given away before it settles.
/// </summary>
/// <param name="calendar">Where days begin.</param>
internal sealed class FreeUse(BudgetCalendar calendar)
{
    private readonly Dictionary<string, ModelUse> _models = new(StringComparer.Ordinal);
    private long _held;

    /// <summary>Whether open reservations hold free tokens.</summary>
    public bool HasHeld => _held > 0;

    /// <summary>
    /// The cost of what free tokens do not cover. Each token bears the same part of the cost, so that neither the order of input and output
    /// nor their prices matter; rounded up.
    /// </summary>
    /// <param name="nanoUsd">The cost of all tokens, in nano-dollars.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="free">How many of them are free.</param>
    /// <returns>Nano-dollars.</returns>
    public static long ChargeOf(long nanoUsd, long tokens, long free)
    {
        if (free <= 0)
            return nanoUsd;

        return free >= tokens ? 0 : (long)((((Int128)nanoUsd * (tokens - free)) + tokens - 1) / tokens);
    }

    /// <summary>What is neither used nor held.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tier">Its free tier.</param>
    /// <param name="utcTicks">Now, in ticks of UTC.</param>
    /// <returns>Tokens, at least 0.</returns>
    public long LeftOf(string model, FreeTier tier, long utcTicks) =>
        _models.TryGetValue(model, out var use)
            ? Math.Max(0, tier.Tokens - Math.Max(0, use.Used.In(tier.Window, utcTicks)) - use.Held)
            : tier.Tokens;

    /// <summary>What was used in the window, and what is held.</summary>
    /// <param name="model">The model.</param>
    /// <param name="window">The window.</param>
    /// <param name="utcTicks">Now, in ticks of UTC.</param>
    /// <returns>Tokens.</returns>
    public (long Used, long Held) Of(string model, BudgetWindow window, long utcTicks) =>
        _models.TryGetValue(model, out var use) ? (use.Used.In(window, utcTicks), use.Held) : (0, 0);

    /// <summary>Holds tokens for a reservation, or lets them go.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Tokens; negative to let them go.</param>
    public void Hold(string model, long tokens)
    {
        if (tokens == 0)
            return;

        UseOf(model).Held += tokens;
        _held += tokens;
    }

    /// <summary>Books tokens as used.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Tokens; negative for a correction.</param>
    /// <param name="utcTicks">When, in ticks of UTC.</param>
    public void Book(string model, long tokens, long utcTicks)
    {
        if (tokens != 0)
            UseOf(model).Used.Book(tokens, utcTicks);
    }

    /// <summary>Starts from a record.</summary>
    /// <param name="stored">The record.</param>
    public void Restore(IEnumerable<StoredFreeUse> stored)
    {
        foreach (var one in stored)
            UseOf(one.Model).Used.Restore(one.Total, one.Days.Select(day => (day.Day, day.Tokens)));
    }

    /// <summary>What a record holds of it.</summary>
    /// <returns>The record.</returns>
    public List<StoredFreeUse> Store() =>
        [.. _models.Select(pair => new StoredFreeUse(
            pair.Key, pair.Value.Used.Total, [.. pair.Value.Used.Days.Select(day => new DayTokens(day.Day, day.Sum))]))];

    private ModelUse UseOf(string model)
    {
        if (!_models.TryGetValue(model, out var use))
            _models.Add(model, use = new ModelUse(new Tally(calendar)));

        return use;
    }

    private sealed class ModelUse(Tally used)
    {
        public Tally Used { get; } = used;

        public long Held { get; set; }
    }
}

/// <summary>What was used of a model's free tokens, as it is stored.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Total">Tokens in all.</param>
/// <param name="Days">Tokens of the latest days, oldest first.</param>
public sealed record StoredFreeUse(string Model, long Total, IReadOnlyList<DayTokens> Days);

/// <summary>Free tokens that were used on a day.</summary>
/// <param name="Day">The day, as <see cref="DateOnly.DayNumber"/> in the time zone of budgets.</param>
/// <param name="Tokens">Tokens.</param>
public sealed record DayTokens(int Day, long Tokens);
