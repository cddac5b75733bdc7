namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>What has been answered once, by API key and idempotency key.</summary>
internal sealed class NaiveRepeats
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    private readonly Dictionary<(string Key, string Once), Kept> _kept = [];

    /// <summary>The question that was answered under a key; null where there is none, or where it is not certain any more.</summary>
    public Question? Find(string key, string once, long now) =>
        _kept.TryGetValue((key, once), out var kept) && kept.IsValid(now) ? kept.Question : null;

    /// <summary>Judges the answers of a round, and takes note of them.</summary>
    /// <returns>What is wrong.</returns>
    public IEnumerable<string> Judge(CallRound round)
    {
        foreach (var asks in round.Asks.Where(ask => ask.IdempotencyKey is not null).GroupBy(ask => (ask.Key, ask.IdempotencyKey!)))
        {
            var question = _kept.TryGetValue(asks.Key, out var kept) && kept.IsValid(round.Began) ? kept.Question : asks.First().Question;
            foreach (var other in asks.Where(ask => ask.Question != question && !IsRefused(ask)))
                yield return $"Another request under the same key is not refused: {other}";
            foreach (var ask in asks.Where(ask => ask.Question == question && ask.Status == 400))
                yield return $"The key is its own: {ask}";

            var faults = kept?.IsValid(round.Began) is true
                ? asks.Where(ask => ask.Question == question && !IsRepeat(ask, kept)).Select(ask => $"No repeat of {kept}: {ask}")
                : JudgeFirst(round, question, [.. asks.Where(ask => ask.Question == question)]);
            foreach (var fault in faults.ToList())
                yield return fault;
        }

        foreach (var ask in round.Asks.Where(ask => ask.IdempotencyKey is null && ask.IsReplayed))
            yield return $"It repeats nothing: {ask}";
    }

    private static bool IsRefused(Ask ask) => ask is { Status: 400, IsWhole: true, IsReplayed: false } && ask.Body.Contains("idempotency key", StringComparison.OrdinalIgnoreCase);

    private static bool IsRepeat(Ask ask, Kept kept) =>
        ask is { Status: 200, IsReplayed: true, IsWhole: true } && (kept.Body is { } body ? ask.Body == body : ask.Question.CallIn(ask.Body) == kept.Call);

    private IEnumerable<string> JudgeFirst(CallRound round, Question question, List<Ask> asks)
    {
        var answers = asks.Where(ask => ask.Succeeded).ToList();
        foreach (var other in answers.Where(ask => ask.Body != answers[0].Body))
            yield return $"It was answered another way than\n{answers[0]}\nbut\n{other}";

        // What breaks off does so for all who have joined, at the same byte.
        foreach (var other in asks.Where(ask => ask is { Status: 200, Succeeded: false, HasLeft: false }))
        {
            if (asks.Find(ask => ask is { Status: 200, IsReplayed: false, HasLeft: false } && question.CallIn(ask.Body) == question.CallIn(other.Body)) is { } first && other.Body != first.Body)
                yield return $"It broke off elsewhere than\n{first}\nand\n{other}";
        }

        // Only who has hung up may be the one that was answered.
        var fresh = answers.Count(ask => !ask.IsReplayed);
        if (fresh > 1 || (fresh == 0 && answers.Count > 0 && !asks.Exists(ask => ask.HasLeft)))
            yield return $"{fresh} were answered for the first time:\n{string.Join('\n', answers)}";

        var whole = round.Calls.LastOrDefault(call => call.Question == question && call.End is CallEnd.Whole);
        if (answers.Count > 0)
            _kept[(asks[0].Key, asks[0].IdempotencyKey!)] = new Kept(question, answers[0].Body, null, round.Began);
        else if (whole is not null && asks.Exists(ask => ask.HasLeft))
            _kept[(asks[0].Key, asks[0].IdempotencyKey!)] = new Kept(question, null, whole.Number, round.Began);
        else
            _kept.Remove((asks[0].Key, asks[0].IdempotencyKey!));
    }

    private sealed record Kept(Question Question, string? Body, int? Call, long Since)
    {
        /// <summary>Whether it is certain at a moment that it is kept still.</summary>
        public bool IsValid(long now) => now < Since + Retention.Ticks;
    }
}
