namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>What may be given again without asking an upstream, by those who may share it.</summary>
internal sealed class NaiveCache
{
    /// <summary>How long.</summary>
    public static readonly TimeSpan Ttl = TimeSpan.FromHours(1);

    private readonly Dictionary<(string Sharers, string Path, string Body), Line> _lines = [];

    /// <summary>Requests that certainly found an answer, that certainly asked in vain, and that did either and were refused then, or neither.</summary>
    public (int Hits, int Misses, int Refused, int Uncertain) Counts { get; private set; }

    /// <summary>Judges the answers of a round, and takes note of them.</summary>
    /// <returns>What is wrong.</returns>
    public IEnumerable<string> Judge(CallRound round)
    {
        foreach (var ask in round.Asks.Where(ask => PlaceOf(ask) is null && ask.Cache is not null))
            yield return $"The cache is none of its business: {ask}";

        foreach (var asks in round.Asks.Where(ask => PlaceOf(ask) is not null).GroupBy(ask => PlaceOf(ask)!.Value))
        {
            var line = _lines.GetValueOrDefault(asks.Key);
            var put = asks.Where(ask => ask is { Succeeded: true, Cache: "miss" }).Select(ask => ask.Body).ToList();
            foreach (var ask in asks)
            {
                var mayHit = put.Contains(ask.Body) || (line?.MayHold(round.Began) is true && line.Is(ask));
                var mustHit = line?.Holds(round.Ended) is true && ask is { Succeeded: true, IsReplayed: false, CacheControl: null };
                if (ask.Cache == "hit" ? !mayHit || ask.CacheControl is not null || !ask.Succeeded : mustHit)
                    yield return $"From the cache should come {(mustHit ? line : null)}: {ask}";
                if (ask is { Succeeded: true, Cache: null, IsReplayed: false })
                    yield return $"Nothing is said of the cache: {ask}";
            }

            var left = asks.FirstOrDefault(ask => ask is { HasLeft: true, IdempotencyKey: not null });
            var unseen = left is null ? null : round.Calls.LastOrDefault(call => call.Question == left.Question && call.End is CallEnd.Whole);
            if (put.Count > 0 || unseen is not null)
                _lines[asks.Key] = new Line(put, unseen?.Number, round.Began, round.Ended);
            Count([.. asks]);
        }
    }

    private static (string, string, string)? PlaceOf(Ask ask) =>
        ask.CacheControl != "no-store" && !ask.Question.IsStored && CallSettings.CacheOf(ask.Key, ask.Question.Model) is { } sharers ? (sharers, ask.Question.Path, ask.Question.Body) : null;

    private void Count(List<Ask> asks)
    {
        var (hits, misses, refused, uncertain) = Counts;
        foreach (var ask in asks.Where(ask => !ask.IsReplayed && ask.Status is not (400 or 403 or 404)))
        {
            if (ask.Cache is not null)
                (hits, misses) = ask.Cache == "hit" ? (hits + 1, misses) : (hits, misses + 1);

            // Whoever joined one that failed, or left while he asked, may have asked the cache or not.
            else if (ask.IdempotencyKey is not null)
                uncertain++;
            else if (ask.HasLeft)
                misses++;
            else
                refused++;
        }

        Counts = (hits, misses, refused, uncertain);
    }

    private sealed record Line(List<string> Bodies, int? Call, long Since, long Until)
    {
        public bool Holds(long now) => now < Since + Ttl.Ticks;

        public bool MayHold(long now) => now < Until + Ttl.Ticks;

        public bool Is(Ask ask) => Bodies.Contains(ask.Body) || (Call is { } call && ask.Question.CallIn(ask.Body) == call);
    }
}
