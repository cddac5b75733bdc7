using System.Globalization;

namespace OrleansChat.Bench.Accuracy;

/// <summary>What a run of the accuracy harness found.</summary>
internal sealed class AccuracyReport
{
    private const int Shown = 20;

    /// <summary>Calls whose callers were gone before they settled. A field, since callers count themselves at the same time.</summary>
    public long Abandoned;

    /// <summary>The run's seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Everything that was not as it must be.</summary>
    public List<string> Deviations { get; } = [];

    /// <summary>Whether everything that the harness is there for has come at least once.</summary>
    public bool HasTriedAll =>
        this is { Admitted: > 0, RefusedByLimit: > 0, Waited: > 0, Settled: > 0, Released: > 0, OvershootChecks: > 0, UndershootChecks: > 0, RetryChecks: > 0 }
        && this is { Kills: > 0, Jumps: > 0, Died: > 0, HungUp: > 0, Abandoned: > 0, HalfSettled: > 0, UpstreamFaults: > 0 };

    public long Asked { get; set; }

    public long Admitted { get; set; }

    public long RefusedByLimit { get; set; }

    public long RefusedByBudget { get; set; }

    public long Settled { get; set; }

    public long Released { get; set; }

    public long Died { get; set; }

    public long HungUp { get; set; }

    public long Waited { get; set; }

    public long HalfSettled { get; set; }

    public int Kills { get; set; }

    public int Jumps { get; set; }

    public long UpstreamFaults { get; set; }

    public int Overshoots { get; set; }

    public int Undershoots { get; set; }

    public long UndershootChecks { get; set; }

    /// <summary>Those of <see cref="UndershootChecks"/> that were refused by a budget.</summary>
    public long BudgetUndershootChecks { get; set; }

    public long OvershootChecks { get; set; }

    public long RetryChecks { get; set; }

    public long WorstRetryTicks { get; set; }

    public long Leaked { get; set; }

    public double Fullest { get; set; }

    public int Overspends { get; set; }

    public long BudgetChecks { get; set; }

    /// <summary>The largest share of a budget that was spent and set aside, without what upstreams billed beyond their reservations.</summary>
    public double FullestBudget { get; set; }

    public long BilledNanoUsd { get; set; }

    public long LedgerNanoUsd { get; set; }

    public int LedgerDeviations { get; set; }

    public long LedgerEntries { get; set; }

    public TimeSpan Elapsed { get; set; }

    /// <summary>Notes what must not be.</summary>
    /// <param name="what">What it is.</param>
    public void Deviate(string what) => Deviations.Add(what);

    /// <summary>Notes that a budget was passed.</summary>
    /// <param name="what">What it is.</param>
    public void Overspend(string what)
    {
        Overspends++;
        Deviate(what);
    }

    /// <summary>Notes that a limit was passed.</summary>
    /// <param name="what">What it is.</param>
    public void Overshoot(string what)
    {
        Overshoots++;
        Deviate(what);
    }

    /// <summary>Notes that something was refused that fits.</summary>
    /// <param name="what">What it is.</param>
    public void Undershoot(string what)
    {
        Undershoots++;
        Deviate(what);
    }

    /// <summary>Notes what is still held after the longest lease.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="amount">How much; 0 as it should be.</param>
    /// <param name="what">Of what.</param>
    public void Leak(string scope, long amount, string what)
    {
        if (amount == 0)
            return;

        Leaked++;
        Deviate($"{scope}: {amount} {what} are still held after the longest lease");
    }

    /// <summary>Writes the report.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(TextWriter writer)
    {
        void Line(FormattableString text) => writer.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        Line($"seed {Seed}: {Asked:N0} requests, {Admitted:N0} admitted, {RefusedByLimit:N0} refused by a limit, {RefusedByBudget:N0} by a budget");
        Line($"  callers that waited for their limits and passed: {Waited:N0}; that hung up: {HungUp:N0}; that died: {Died:N0} while asking, {Abandoned:N0} before settling, {HalfSettled:N0} in the middle of it; kills: {Kills}; clock jumps: {Jumps}; upstream faults: {UpstreamFaults:N0}");
        Line($"  admitted against limit: {Overshoots} over in {OvershootChecks:N0} checks, fullest window at {Fullest:P1}");
        Line($"  spend against budget: {Overspends} over in {BudgetChecks:N0} checks, fullest budget at {FullestBudget:P1}");
        Line($"  refused although it fits: {Undershoots} of {UndershootChecks:N0} checked, {BudgetUndershootChecks:N0} of them by a budget");
        Line($"  time to retry: off by at most {WorstRetryTicks} ticks of 100 ns in {RetryChecks:N0} checks");
        Line($"  ledger against the upstreams' count: {LedgerDeviations} different of {LedgerEntries:N0} entries; {LedgerNanoUsd} against {BilledNanoUsd} nano-dollars settled");
        Line($"  leaked reservations and leases: {Leaked}");
        Line($"  throughput: {Asked / Elapsed.TotalSeconds:N0} requests a second, {Settled:N0} settled and {Released:N0} taken back in {Elapsed.TotalSeconds:F1} s");
        foreach (var deviation in Deviations.Take(Shown))
            writer.WriteLine("  DEVIATION " + deviation);

        Line($"{Deviations.Count} deviations");
    }
}
