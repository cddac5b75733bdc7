namespace OrleansChat.Core.Costs.Alerts;

/// <summary>Which thresholds of a budget were reached in which window. No I/O.</summary>
internal sealed class Thresholds
{
    private readonly List<RaisedThreshold> _raised = [];

    /// <summary>Everything raised in windows that have not ended, and what was not told of yet.</summary>
    public IReadOnlyList<RaisedThreshold> Raised => _raised;

    /// <summary>Whether somebody is still to be told of something.</summary>
    public bool HasUntold { get; private set; }

    /// <summary>The next that is to be told of; null for none.</summary>
    public RaisedThreshold? NextUntold => _raised.Find(raised => !raised.IsTold);

    /// <summary>Starts from a record.</summary>
    /// <param name="stored">The record.</param>
    public void Restore(IEnumerable<RaisedThreshold> stored)
    {
        _raised.AddRange(stored);
        HasUntold = NextUntold is not null;
    }

    /// <summary>Raises the thresholds that are reached and were not before.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="limitNanoUsd">Its limit with top-ups, in nano-dollars.</param>
    /// <param name="spentNanoUsd">What was spent in its window, in nano-dollars.</param>
    /// <param name="firstDay">The window's first day.</param>
    /// <param name="at">Now.</param>
    /// <returns>Whether any was raised.</returns>
    public bool Check(Budget budget, long limitNanoUsd, long spentNanoUsd, int firstDay, DateTimeOffset at)
    {
        // A budget of nothing has no part that could be reached.
        if (spentNanoUsd <= 0 || limitNanoUsd <= 0)
            return false;

        var any = false;
        var thresholds = budget.Thresholds ?? Budget.DefaultThresholds;
        for (var i = 0; i < thresholds.Count; i++)
        {
            var percent = thresholds[i];
            if ((Int128)spentNanoUsd * 100 < (Int128)limitNanoUsd * percent || IsRaised(percent, budget.Window, firstDay))
                continue;

            ForgetBefore(budget.Window, firstDay);
            _raised.Add(new RaisedThreshold(percent, budget.Window, firstDay, spentNanoUsd, limitNanoUsd, at));
            any = HasUntold = true;
        }

        return any;
    }

    /// <summary>Everybody has been told.</summary>
    /// <param name="raised">Of what.</param>
    public void Told(RaisedThreshold raised)
    {
        var i = _raised.IndexOf(raised);
        if (i >= 0)
            _raised[i] = raised with { IsTold = true };

        HasUntold = NextUntold is not null;
    }

    /// <summary>The thresholds that were reached in a window, in percent.</summary>
    /// <param name="window">The kind of window.</param>
    /// <param name="firstDay">Its first day.</param>
    /// <returns>The percentages, in the order in which they were reached.</returns>
    public IEnumerable<int> In(BudgetWindow window, int firstDay) =>
        _raised.Where(raised => raised.Window == window && raised.FirstDay == firstDay).Select(raised => raised.Percent);

    // What was raised in a window before this one cannot be reached again.
    private void ForgetBefore(BudgetWindow window, int firstDay) =>
        _raised.RemoveAll(old => old.IsTold && old.Window == window && old.FirstDay < firstDay);

    private bool IsRaised(int percent, BudgetWindow window, int firstDay)
    {
        foreach (var raised in _raised)
        {
            if (raised.Percent == percent && raised.Window == window && raised.FirstDay == firstDay)
                return true;
        }

        return false;
    }
}
