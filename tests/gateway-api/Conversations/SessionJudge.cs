using OrleansChat.GatewayApi.Tests.Calls;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Judges what a round did with one session, and lets the naive session grow by it.</summary>
internal sealed class SessionJudge(ConversationWorld world, NaiveConversations naive, ConversationRound round, NaiveSession session, IReadOnlyList<Act> acts)
{
    private readonly List<(NaiveTurn Turn, TurnAct Act)> _begun = [];
    private readonly List<string> _faults = [];

    /// <summary>The turns of the round.</summary>
    public IEnumerable<NaiveTurn> Turns => _begun.Select(begun => begun.Turn);

    private bool IsDeleted => acts.OfType<OrderAct>().Any(act => act is { Order: Order.Delete, Status: 204 });

    /// <summary>Judges it.</summary>
    /// <returns>What is wrong.</returns>
    public async Task<IEnumerable<string>> JudgeAsync()
    {
        var before = session.Turns.ToList();
        if (session.Owner is null && FindOwner() is { } fault)
            return [fault];

        if (session.Owner is null)
        {
            session.IsGone = true;
            return [];
        }

        await FindTurnsAsync();
        foreach (var turn in Turns.Where(turn => turn.Id is not null))
            await HearAsync(turn);
        foreach (var turn in Turns.Where(turn => turn.Events.Count > 0 || turn.Id is null))
            _faults.AddRange(new TurnJudge(turn, round, upstream => naive.MayBeLeftAlone(upstream, round.Began)).Judge());
        if (_faults.Count > 0)
            return _faults;

        if (IsDeleted)
            session.IsGone = true;
        else
            await GrowAsync();

        var judge = new ActJudge(round, session, IsDeleted, before, _begun);
        _faults.AddRange(acts.SelectMany(judge.Judge));
        return _faults;
    }

    /// <summary>Of those who ask under an id that nobody has, one gets it, and it looks to all others as if it did not exist.</summary>
    private string? FindOwner()
    {
        var owners = acts.Where(act => act.Key != ConversationSettings.Boss && act is { Status: not (404 or 0) } && act.Broken is null).Select(act => act.Key)
            .Concat(round.Running.Where(turn => turn.Session == session).Select(turn => acts.OfType<TurnAct>().First(act => act.Question == turn.Question).Key)).Distinct().ToList();
        if (owners.Count > 1)
            return $"Several own {session}: {string.Join(", ", owners)}\n{string.Join('\n', acts)}";

        session.Owner = owners.SingleOrDefault();
        session.Used = session.Touched = (round.Began, round.Ended);
        return null;
    }

    private async Task FindTurnsAsync()
    {
        foreach (var failed in acts.OfType<TurnAct>().Where(act => !IsDeleted && IsFailed(act)).DistinctBy(act => act.ClientTurnId ?? $"{act.Question.Number}").ToList())
        {
            // Whoever waits for the whole is told of a failure without the turn, and finds it again by his own id only.
            if (failed.ClientTurnId is { } once)
            {
                var again = new TurnAct(failed.Key, session, failed.Question, Way.Events) { ClientTurnId = once };
                again.Start(world);
                await TestWait.UntilAsync(() => again.Doing.IsCompleted);
                Learn(again.TurnId, failed);
            }
            else
            {
                Begin(new NaiveTurn(session, failed.Question, null) { Events = [new HeardEvent(1, HeardEvent.Failed, $"{failed.Status} {failed.Code}:")] }, failed);
            }
        }

        foreach (var id in acts.OfType<TurnAct>().Select(act => act.TurnId).Concat(round.Running.Where(turn => turn.Session == session).Select(turn => turn.Id)))
            Learn(id, null);
    }

    /// <summary>Whether an act was told of a turn that failed, and not of the turn.</summary>
    private bool IsFailed(TurnAct act) =>
        act is { Way: Way.Simple or Way.Whole, TurnId: null, Code: not (null or "turn_in_progress" or "not_found" or "handshake"), HasLeft: false }
        && round.Running.TrueForAll(turn => turn.Question.Number != act.Question.Number)
        && (act.Code is not ("rate_limited" or "budget_exceeded") || round.Calls.Exists(call => call.Question.Number == act.Question.Number));

    private void Learn(string? id, TurnAct? failed)
    {
        if (id is null || session.Turns.Exists(turn => turn.Id == id) || _begun.Exists(begun => begun.Turn.Id == id))
            return;

        var running = round.Running.Find(turn => turn.Id == id);
        var askers = acts.OfType<TurnAct>().Where(act =>
            act.TurnId == id || (running is not null && act.Question == running.Question) || (failed is not null && act.ClientTurnId == failed.ClientTurnId)).ToList();
        var asker = askers.Find(act => round.Calls.Exists(call => call.Question.Number == act.Question.Number)) ?? askers[0];
        Begin(running ?? new NaiveTurn(session, asker.Question, id) { ClientTurnId = asker.ClientTurnId }, asker);
    }

    private void Begin(NaiveTurn turn, TurnAct asker)
    {
        turn.Model = asker.Model ?? asker.Again?.Model ?? session.Model ?? ConversationSettings.Plain;
        turn.Calls = [.. round.Calls.Where(call => call.Question.Number == turn.Question.Number)];
        turn.Ended = (round.Began, round.Ended);
        _begun.Add((turn, asker));
    }

    /// <summary>Reads a turn anew from its first event to its last; of a session that is gone, its witness has heard it.</summary>
    private async Task HearAsync(NaiveTurn turn)
    {
        if (IsDeleted)
        {
            var witness = round.WitnessOf(turn.Id)?.Heard ?? acts.OfType<TurnAct>().FirstOrDefault(act => act.TurnId == turn.Id && act.Heard.HasEnd)?.Heard;
            if (witness is { HasEnd: true })
                turn.Events = witness.Events;
            else if (witness is not null)
                _faults.Add($"Its witness has not heard its end: {turn}, {witness}");
            return;
        }

        var reader = new ReadAct(ConversationSettings.Boss, turn, Way.Events, 0);
        reader.Start(world);
        await TestWait.UntilAsync(() => reader.Doing.IsCompleted);
        turn.Events = reader.Heard.Events;
        if (reader is not { Status: 200, Broken: null, Heard.HasEnd: true })
            _faults.Add($"It cannot be heard: {turn}, {reader}");
    }

    private async Task GrowAsync()
    {
        var (_, tree) = await world.AskAsync(ConversationSettings.Boss, HttpMethod.Get, $"/api/sessions/{session.Id}?tree=true");
        var leaf = tree.TryGetProperty("activeMessageId", out var end) ? end.GetString() : null;
        var known = session.Messages.Count;
        if (NaiveTree.Grow(session, _begun, NaiveSession.MessagesIn(tree), leaf) is { } fault)
        {
            _faults.Add(fault);
            return;
        }

        foreach (var turn in Turns)
        {
            if (turn.Id is not null)
                (_, turn.View) = await world.AskAsync(ConversationSettings.Boss, HttpMethod.Get, $"/api/sessions/{session.Id}/turns/{turn.Id}");
            _faults.AddRange(turn.Calls.Select(call => JudgeContext(turn, call)).OfType<string>());
        }

        session.Title ??= session.Messages.Skip(known).FirstOrDefault(message => message.Role == NaiveMessage.User) is { } first ? TitleOf(first.Content) : null;

        if (_begun.Count > 0)
            session.Used = session.Touched = (round.Began, round.Ended);
    }

    /// <summary>The beginning of a message, up to the end of a word.</summary>
    private static string TitleOf(string message) => message[..message.LastIndexOf(' ', 60)] + "…";

    /// <summary>An upstream is told the path to the question, whole and in order.</summary>
    private string? JudgeContext(NaiveTurn turn, PlayedCall call)
    {
        var due = session.PathTo(turn.QuestionId).Select(message => (message.Role, message.Content)).ToList();
        if (session.SystemPrompt is { } prompt)
            due.Insert(0, ("system", prompt));
        return call.Told.SequenceEqual(due) ? null : $"It is told\n{Lines(call.Told)}\nand should be\n{Lines(due)}\nby {call} for {turn}";
    }

    private static string Lines(IEnumerable<(string Role, string Content)> messages) =>
        string.Join('\n', messages.Select(message => $"{message.Role}: {message.Content[..Math.Min(40, message.Content.Length)]}"));
}
