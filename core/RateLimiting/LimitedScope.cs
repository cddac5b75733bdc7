using OrleansChat.Core.Actors;

namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// The decisions of one scope, without I/O. Every call is made at a moment that is never earlier than the one before, after
/// <see cref="Advance"/> to that moment.
/// </summary>
internal sealed class LimitedScope : ITentativeScope<RateLimitRequest, LimitVerdict>
{
    /// <summary>How long an operation is known after its end.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromSeconds(30);

    private readonly OperationMemory _over = new(Retention);

    /// <summary>Requests in 60 seconds.</summary>
    public SlidingWindow MinuteRequests { get; } = new(TimeSpan.TicksPerMinute);

    /// <summary>Tokens in 60 seconds.</summary>
    public SlidingWindow MinuteTokens { get; } = new(TimeSpan.TicksPerMinute);

    /// <summary>Requests in 24 hours.</summary>
    public SlidingWindow DayRequests { get; } = new(TimeSpan.TicksPerDay);

    /// <summary>Even spacing.</summary>
    public Pacer Pacer { get; } = new();

    /// <summary>The requests under way.</summary>
    public OpenOperations Open { get; } = new();

    /// <summary>Requests ever admitted by this activation.</summary>
    public long RequestsCounted { get; private set; }

    /// <summary>Tokens ever counted by this activation.</summary>
    public long TokensCounted { get; private set; }

    /// <summary>Lets time pass: windows slide and leases run out.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether a tentative admission vanished.</returns>
    public bool Advance(long now)
    {
        MinuteRequests.Advance(now);
        MinuteTokens.Advance(now);
        DayRequests.Advance(now);

        var vanished = false;
        Open.Advance(now);
        while (Open.Named.NextExpired(now) is { } operation)
        {
            if (operation.Tentative)
            {
                TakeBack(operation);
                vanished = true;
            }
            else
            {
                // Its tokens stay counted: nobody told what was really used.
                Open.Remove(operation);
                _over.Remember(operation.Id, now);
            }
        }

        return vanished;
    }

    /// <summary>Whether an operation was admitted and is not forgotten.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it was.</returns>
    public bool Knows(string operationId) => Open.Named.TryFind(operationId, out _) || _over.Knows(operationId);

    /// <inheritdoc/>
    public bool TryDecide(RateLimitRequest request, bool take, long now, out LimitVerdict verdict, out bool taken)
    {
        taken = false;
        if (take && Knows(request.OperationId))
        {
            verdict = new LimitVerdict(null, now);
            return true;
        }

        verdict = Decide(request, now);
        if (!verdict.Fits)
            return Open.Contested == 0;

        if (take)
        {
            Admit(request, now);
            taken = true;
        }

        return true;
    }

    /// <inheritdoc/>
    public long FirstTentativeEnd() => Open.Named.FirstTentativeEnd();

    /// <summary>Whether a request fits now, and if not, which limit keeps it out longest and until when. Changes nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The verdict.</returns>
    public LimitVerdict Decide(RateLimitRequest request, long now)
    {
        var limits = request.Limits;
        var verdict = new LimitVerdict(null, now);

        if (limits.MaxTokensPerRequest is { } most && request.Tokens > most)
            verdict = verdict.Or(LimitName.TokensPerRequest, long.MaxValue);

        if (limits.RequestsPerMinute is { } perMinute)
        {
            var passes = limits.Pacing == Pacing.Window ? MinuteRequests.FitsAt(perMinute, 1, now)
                : perMinute <= 0 ? long.MaxValue
                : Pacer.PassesAt(perMinute, BurstOf(limits));
            verdict = verdict.Or(LimitName.RequestsPerMinute, passes);
        }

        if (limits.TokensPerMinute is { } tokens)
            verdict = verdict.Or(LimitName.TokensPerMinute, MinuteTokens.FitsAt(tokens, request.Tokens, now));

        if (limits.RequestsPerDay is { } perDay)
            verdict = verdict.Or(LimitName.RequestsPerDay, DayRequests.FitsAt(perDay, 1, now));

        if (limits.MaxConcurrent is { } concurrent)
            verdict = verdict.Or(LimitName.Concurrent, Open.FitsAt(concurrent, now));

        return verdict;
    }

    /// <summary>Counts a request that was found to fit.</summary>
    /// <param name="request">The request.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <param name="fromLine">
    /// Whether it had waited for its limits. It now asks its other scopes in their order, so nobody waits for what becomes of it: those could
    /// wait for each other.
    /// </param>
    public void Admit(RateLimitRequest request, long now, bool fromLine = false)
    {
        var limits = request.Limits;
        var counted = CountedIn.Nothing;
        if (limits.RequestsPerMinute is { } perMinute)
        {
            if (limits.Pacing == Pacing.Smooth)
            {
                Pacer.Pass(perMinute, now, request.Tentative);
                counted |= CountedIn.Pace;
            }
            else
            {
                MinuteRequests.Add(now, 1);
                counted |= CountedIn.MinuteRequests;
            }
        }

        if (limits.TokensPerMinute is not null)
        {
            MinuteTokens.Add(now, request.Tokens);
            counted |= CountedIn.MinuteTokens;
            TokensCounted += request.Tokens;
        }

        if (limits.RequestsPerDay is not null)
        {
            DayRequests.Add(now, 1);
            counted |= CountedIn.DayRequests;
        }

        RequestsCounted++;
        var leaseEnd = now + request.Lease.Ticks;
        Open.Add(new OpenOperation(request.OperationId, now)
        {
            FromLine = fromLine,
            Tokens = request.Tokens,
            Counted = counted,
            Tentative = request.Tentative,
            LeaseEnd = leaseEnd,
            Deadline = request.Tentative ? Math.Min(leaseEnd, now + Leased.TentativeLease.Ticks) : leaseEnd,
        });
    }

    /// <summary>Makes a tentative admission final.</summary>
    /// <param name="operationId">The operation.</param>
    /// <returns>Whether it was open.</returns>
    public bool Confirm(string operationId)
    {
        if (!Open.Named.TryFind(operationId, out var operation))
            return false;

        Confirm(operation);
        return true;
    }

    /// <summary>Ends an operation and corrects its tokens: less frees room at once, more is counted as used now.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="tokens">The tokens really used.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Settle(string operationId, long tokens, long now)
    {
        if (!Open.Named.TryFind(operationId, out var operation))
            return;

        Confirm(operation);
        Open.Remove(operation);
        _over.Remember(operationId, now);
        if (!operation.Counted.HasFlag(CountedIn.MinuteTokens))
            return;

        if (tokens <= operation.Tokens)
        {
            MinuteTokens.Remove(operation.Since, operation.Tokens - tokens);
        }
        else
        {
            MinuteTokens.Add(now, tokens - operation.Tokens);
            TokensCounted += tokens - operation.Tokens;
        }
    }

    /// <summary>Takes an admission back as though it had never been asked for.</summary>
    /// <param name="operationId">The operation.</param>
    public void Release(string operationId)
    {
        if (Open.Named.TryFind(operationId, out var operation))
            TakeBack(operation);
    }

    /// <summary>Extends a lease.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="lease">Its new length.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether it was held.</returns>
    public bool Renew(string operationId, TimeSpan lease, long now)
    {
        var end = now + lease.Ticks;
        if (!Open.Named.TryFind(operationId, out var operation))
        {
            if (_over.Knows(operationId) || !Open.MayBeUnnamed)
                return false;

            Open.Add(new OpenOperation(operationId, now) { LeaseEnd = end, Deadline = end });
            return true;
        }

        // A sign of life proves that every scope admitted it.
        Confirm(operation);
        Open.Named.Extend(operation, end);
        return true;
    }

    /// <summary>Takes all tentative admissions back.</summary>
    public void DropTentative()
    {
        foreach (var operation in Open.Named.All.Where(operation => operation.Tentative).ToList())
            TakeBack(operation);
    }

    /// <summary>What is left of the given limits.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The state of each limit.</returns>
    public RateLimitStatus Describe(RateLimits limits, long now) => new()
    {
        RequestsPerMinute = limits.RequestsPerMinute is not { } perMinute ? null
            : limits.Pacing == Pacing.Window ? StatusOf(MinuteRequests, perMinute, now)
            : perMinute <= 0 ? new LimitStatus(0, 0, 0)
            : new LimitStatus(perMinute, Pacer.State.At(perMinute).Remaining(now, BurstOf(limits)), SecondsUntil(Pacer.State.Ticks, now)),
        TokensPerMinute = limits.TokensPerMinute is { } tokens ? StatusOf(MinuteTokens, tokens, now) : null,
        RequestsPerDay = limits.RequestsPerDay is { } perDay ? StatusOf(DayRequests, perDay, now) : null,
        Concurrent = limits.MaxConcurrent is { } concurrent ? new ConcurrencyStatus(concurrent, Open.Count) : null,
    };

    /// <summary>The burst of even spacing.</summary>
    /// <param name="limits">The limits.</param>
    /// <returns>Requests, at least 1.</returns>
    private static int BurstOf(RateLimits limits) => Math.Max(1, limits.Burst ?? 1);

    private static LimitStatus StatusOf(SlidingWindow window, long limit, long now) =>
        new(limit, Math.Max(0, limit - window.Sum), SecondsUntil(window.EmptyAt(now), now));

    private static double SecondsUntil(long moment, long now) => Math.Max(0, moment - now) / (double)TimeSpan.TicksPerSecond;

    private void Confirm(OpenOperation operation)
    {
        if (Open.Confirm(operation) && operation.Counted.HasFlag(CountedIn.Pace))
            Pacer.Confirm();
    }

    private void TakeBack(OpenOperation operation)
    {
        if (operation.Counted.HasFlag(CountedIn.MinuteRequests))
            MinuteRequests.Remove(operation.Since, 1);

        if (operation.Counted.HasFlag(CountedIn.MinuteTokens))
            MinuteTokens.Remove(operation.Since, operation.Tokens);

        if (operation.Counted.HasFlag(CountedIn.DayRequests))
            DayRequests.Remove(operation.Since, 1);

        // A final request's place in the spacing stays taken: which ones came after it is no longer known.
        if (operation.Tentative && operation.Counted.HasFlag(CountedIn.Pace))
            Pacer.TakeBack(operation.Since);

        Open.Remove(operation);
    }
}
