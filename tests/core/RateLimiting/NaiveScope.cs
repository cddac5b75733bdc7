using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Tests.RateLimiting;

/// <summary>A limited scope as one would write it down first: a list of everything, searched from end to end at every question.</summary>
internal sealed class NaiveScope
{
    private static readonly long Tentative = RateLimitRequest.TentativeLease.Ticks;

    private readonly List<Admission> _admissions = [];
    private readonly List<(long At, long Tokens)> _excess = [];

    public IEnumerable<string> Open(long now) => _admissions.Where(one => one.IsOpen(now)).Select(one => one.Id);

    public bool HasTentative(long now) => _admissions.Exists(one => one.IsOpen(now) && one.IsTentative);

    /// <summary>The moments at which something of it stops to count.</summary>
    public IEnumerable<long> Ends => _admissions.SelectMany(one => new[] { one.At + TimeSpan.TicksPerMinute, one.At + TimeSpan.TicksPerDay, one.Deadline })
        .Concat(_excess.Select(one => one.At + TimeSpan.TicksPerMinute));

    public void Vanish(long now) => _admissions.RemoveAll(one => one.IsTentative && one.Deadline <= now);

    public bool Fits(RateLimitRequest request, long at)
    {
        var limits = request.Limits;
        var minute = at - TimeSpan.TicksPerMinute;
        var tokens = _admissions.Where(one => one.At > minute && one.CountsTokens).Sum(one => one.Tokens)
            + _excess.Where(one => one.At > minute).Sum(one => one.Tokens);
        return !(request.Tokens > limits.MaxTokensPerRequest)
            && !(limits.Pacing == Pacing.Window && _admissions.Count(one => one.At > minute && one.CountsMinute) + 1 > limits.RequestsPerMinute)
            && !(limits.Pacing == Pacing.Smooth && limits.RequestsPerMinute is { } rate && !Conforms(rate, limits.Burst ?? 1, at))
            && !(request.Tokens > 0 && tokens + request.Tokens > limits.TokensPerMinute)
            && !(_admissions.Count(one => one.At > at - TimeSpan.TicksPerDay && one.CountsDay) + 1 > limits.RequestsPerDay)
            && !(Open(at).Count() + 1 > limits.MaxConcurrent);
    }

    public void Admit(RateLimitRequest request, long now) => _admissions.Add(new Admission
    {
        Id = request.OperationId,
        At = now,
        Tokens = request.Tokens,
        CountsMinute = request.Limits is { RequestsPerMinute: not null, Pacing: Pacing.Window },
        IsPaced = request.Limits is { RequestsPerMinute: not null, Pacing: Pacing.Smooth },
        CountsDay = request.Limits.RequestsPerDay is not null,
        CountsTokens = request.Limits.TokensPerMinute is not null,
        IsTentative = request.Tentative,
        LeaseEnd = now + request.Lease.Ticks,
        Deadline = now + (request.Tentative ? Math.Min(Tentative, request.Lease.Ticks) : request.Lease.Ticks),
    });

    public void Confirm(string id, long now)
    {
        if (Find(id, now) is { IsTentative: true } one)
            (one.IsTentative, one.Deadline) = (false, one.LeaseEnd);
    }

    public void Settle(string id, long tokens, long now)
    {
        if (Find(id, now) is not { } one)
            return;

        (one.IsTentative, one.IsOver) = (false, true);
        if (one.CountsTokens && tokens > one.Tokens)
            _excess.Add((now, tokens - one.Tokens));
        else
            one.Tokens = tokens;
    }

    public void Release(string id, long now)
    {
        if (Find(id, now) is not { } one)
            return;

        if (one is { IsTentative: false, IsPaced: true })
            (one.IsOver, one.CountsDay, one.CountsTokens) = (true, false, false);
        else
            _admissions.Remove(one);
    }

    public void Renew(string id, TimeSpan lease, long now)
    {
        if (Find(id, now) is not { } one)
            return;

        Confirm(id, now);
        one.LeaseEnd = one.Deadline = Math.Max(one.Deadline, now + lease.Ticks);
    }

    private Admission? Find(string id, long now) => _admissions.Find(one => one.Id == id && one.IsOpen(now));

    private bool Conforms(int rate, int burst, long at)
    {
        // In units of 1/rate of a tick, as the algorithm is printed in ITU-T I.371.
        Int128 interval = TimeSpan.TicksPerMinute, arrival = 0;
        foreach (var one in _admissions.Where(one => one.IsPaced))
            arrival = Int128.Max(arrival, (Int128)one.At * rate) + interval;

        return (Int128)at * rate >= arrival - ((burst - 1) * interval);
    }

    private sealed class Admission
    {
        public required string Id { get; init; }

        public required long At { get; init; }

        public long Tokens { get; set; }

        public bool CountsMinute { get; init; }

        public bool IsPaced { get; init; }

        public bool CountsDay { get; set; }

        public bool CountsTokens { get; set; }

        public bool IsTentative { get; set; }

        public bool IsOver { get; set; }

        public long Deadline { get; set; }

        public long LeaseEnd { get; set; }

        public bool IsOpen(long now) => !IsOver && Deadline > now;
    }
}
