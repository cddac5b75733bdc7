using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Bench.Accuracy;

/// <summary>Holds budgets and ledgers against the references.</summary>
/// <param name="scopes">The references.</param>
/// <param name="report">Where deviations go.</param>
/// <param name="kills">When the process was killed.</param>
internal sealed class MoneyChecks(AccuracyScopes scopes, AccuracyReport report, KillLog kills)
{
    /// <summary>Every budget holds what is open, no more than may be, and is not passed.</summary>
    /// <param name="host">The host.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>A task.</returns>
    public async Task BudgetsAsync(AccuracyHost host, long now)
    {
        foreach (var (scope, reference) in scopes.Money)
        {
            if (reference.Budget is not { } budget)
                continue;

            var status = await host.Actors.CostTracker(scope).DescribeAsync(budget, default);
            var (least, most) = reference.Reserved(now);
            if (status.ReservedNanoUsd < least)
                report.Deviate($"{scope}: {status.ReservedNanoUsd} reserved, but open calls reserved {least}");

            // After a kill an allowance is held back too, until the leases of what it may stand for have run out.
            if (status.ReservedNanoUsd > most && !kills.Since(now - RateLimitRequest.DefaultLease.Ticks - TimeSpan.TicksPerSecond))
                report.Deviate($"{scope}: {status.ReservedNanoUsd} reserved, but open calls reserved at most {most}");

            if (status.SpentNanoUsd + least > budget.LimitNanoUsd + reference.Excess)
                report.Overspend($"{scope}: {status.SpentNanoUsd} spent and {least} reserved of {budget.LimitNanoUsd}, with {reference.Excess} in excess");

            report.BudgetChecks++;
            report.FullestBudget = Math.Max(report.FullestBudget, (double)(status.SpentNanoUsd + least - reference.Excess) / budget.LimitNanoUsd);
        }
    }

    /// <summary>After a burst: no budget has refused what would have fitted into it, whatever is uncertain.</summary>
    /// <param name="host">The host.</param>
    /// <param name="asked">The calls of the burst.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>A task.</returns>
    public async Task AdmissionsAsync(AccuracyHost host, IReadOnlyCollection<Call> asked, long now)
    {
        foreach (var call in asked.Where(call => call is { State: CallState.Refused, Refusal.Code: "budget_exceeded" }))
        {
            var scope = call.Refusal!.Subject![..call.Refusal.Subject!.LastIndexOf(' ')];
            var budget = scopes.BudgetOf(scope, call)!;
            var status = await host.Actors.CostTracker(scope).DescribeAsync(budget, default);

            // After a kill an allowance is held back; and what another window had spent when the call was refused is not told any more.
            var wasSameWindow = status.WindowStart is not { } start || start <= host.Clock.GetUtcNow().AddTicks(call.Asked - now);
            if (!wasSameWindow || kills.Since(call.Asked - RateLimitRequest.DefaultLease.Ticks - TimeSpan.TicksPerSecond))
                continue;

            var most = scopes.Money.TryGetValue(scope, out var reference) ? reference.Reserved(call.Asked).Most : 0;
            var charge = AccuracyPrice.Reserve(call);
            report.UndershootChecks++;
            report.BudgetUndershootChecks++;
            if (status.SpentNanoUsd + most + charge <= budget.LimitNanoUsd)
                report.Undershoot($"{call.Request.OperationId} was refused {charge} by {scope} although it fits: {status.SpentNanoUsd} spent and at most {most} reserved of {budget.LimitNanoUsd}");
        }
    }

    /// <summary>Nothing is set aside any more, and every ledger says what the upstreams say.</summary>
    /// <param name="host">The host.</param>
    /// <returns>A task.</returns>
    public async Task EndAsync(AccuracyHost host)
    {
        foreach (var (scope, reference) in scopes.Money)
        {
            var tracker = host.Actors.CostTracker(scope);
            var status = await tracker.DescribeAsync(null, default);
            report.Leak(scope, status.ReservedNanoUsd, "nano-dollars");
            var entries = new List<LedgerEntry>();
            await foreach (var entry in tracker.ReadLedgerAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default))
                entries.Add(entry);

            Ledger(reference, status.SpentNanoUsd, entries);
            await WindowAsync(reference, tracker, entries);
        }
    }

    private void Ledger(MoneyReference reference, long spent, List<LedgerEntry> entries)
    {
        report.LedgerEntries += entries.Count;
        foreach (var difference in reference.Compare(entries, kills.MayHaveLost))
        {
            report.LedgerDeviations++;
            report.Deviate(difference);
        }

        var sum = entries.Sum(entry => entry.NanoUsd);
        if (sum != spent)
            report.Deviate($"{reference.Scope}: the entries' sum is {sum}, the spend {spent}");

        if (!reference.Scope.StartsWith("key:", StringComparison.Ordinal))
            return;

        report.BilledNanoUsd += reference.Billed;
        report.LedgerNanoUsd += entries.Where(entry => reference.IsSettled(entry.OperationId)).Sum(entry => entry.NanoUsd);
    }

    private async Task WindowAsync(MoneyReference reference, ICostTrackerActor tracker, List<LedgerEntry> entries)
    {
        if (reference.Budget is not { Window: not BudgetWindow.Total } budget)
            return;

        var status = await tracker.DescribeAsync(budget, default);
        var inWindow = entries.Where(entry => entry.SettledAt >= status.WindowStart && entry.SettledAt < status.WindowEnd).Sum(entry => entry.NanoUsd);
        if (inWindow != status.SpentNanoUsd)
            report.Deviate($"{reference.Scope}: the window's entries sum to {inWindow}, its spend is {status.SpentNanoUsd}");
    }
}
