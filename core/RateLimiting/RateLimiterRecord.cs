namespace OrleansChat.Core.RateLimiting;

/// <summary>Between a scope in memory and its record.</summary>
internal static class RateLimiterRecord
{
    /// <summary>Moments of a window above which even a last record is coarse, and requests under way above which they have no names in it.</summary>
    private const int MostRecorded = 1_000_000;

    private const int MostNamed = 10_000;

    /// <summary>An exact record: nothing is allowed for beyond it.</summary>
    /// <param name="scope">The scope; its tentative admissions are not recorded.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The record.</returns>
    public static RateLimiterState Exact(LimitedScope scope, long now) => new()
    {
        MinuteRequests = WindowLog.Write(scope.MinuteRequests, scope.MinuteRequests.Count <= MostRecorded),
        MinuteTokens = WindowLog.Write(scope.MinuteTokens, scope.MinuteTokens.Count <= MostRecorded),
        DayRequests = WindowLog.Write(scope.DayRequests, scope.DayRequests.Count <= MostRecorded),
        AllowedLeases = scope.Open.Count - Math.Min(MostNamed, scope.Open.Named.Count),
        LeaseTicks = scope.Open.LongestLease(now),
        PaceTicks = scope.Pacer.State.Ticks,
        PacePart = scope.Pacer.State.Part,
        PaceRate = scope.Pacer.State.Rate,
        Operations = Operations(scope, MostNamed),
    };

    /// <summary>The requests under way as they are stored.</summary>
    /// <param name="scope">The scope; its tentative admissions are not recorded.</param>
    /// <param name="most">How many at most.</param>
    /// <returns>The requests.</returns>
    public static List<StoredOperation> Operations(LimitedScope scope, int most)
    {
        var stored = new List<StoredOperation>(Math.Min(most, scope.Open.Named.Count));
        foreach (var operation in scope.Open.Named.All)
        {
            if (stored.Count == most)
                break;

            if (!operation.Tentative)
                stored.Add(new StoredOperation(operation.Id, operation.Since, operation.Tokens, operation.Counted, operation.LeaseEnd));
        }

        return stored;
    }

    /// <summary>A scope from a record; what the record allows for is counted as used now.</summary>
    /// <param name="state">The record.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The scope.</returns>
    public static LimitedScope Restore(RateLimiterState state, long now)
    {
        var scope = new LimitedScope();
        WindowLog.Read(state.MinuteRequests, scope.MinuteRequests, now);
        WindowLog.Read(state.MinuteTokens, scope.MinuteTokens, now);
        WindowLog.Read(state.DayRequests, scope.DayRequests, now);
        scope.MinuteRequests.Add(now, state.AllowedRequests);
        scope.MinuteTokens.Add(now, state.AllowedTokens);
        scope.DayRequests.Add(now, state.AllowedRequests);
        scope.Pacer.Restore(new TheoreticalArrival(state.PaceTicks, state.PacePart, state.PaceRate));
        scope.Open.AssumeUnnamed(state.AllowedLeases, now + state.LeaseTicks);
        foreach (var stored in state.Operations)
        {
            var leaseEnd = state.OperationsMayGoOn ? Math.Max(stored.LeaseEnd, now + state.LeaseTicks) : stored.LeaseEnd;
            scope.Open.Add(new OpenOperation(stored.Id, stored.AdmittedAt)
            {
                Tokens = stored.Tokens,
                Counted = stored.Counted,
                LeaseEnd = leaseEnd,
                Deadline = leaseEnd,
            });
        }

        return scope;
    }
}
