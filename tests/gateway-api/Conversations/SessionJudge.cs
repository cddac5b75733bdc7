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

        FindTurns();
        foreach (var turn in Turns)
            await HearAsync(turn);
        foreach (var turn in Turns.Where(turn => turn.Events.Count > 0))
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

    /// <summary>Every turn was named to whoever asked for it, or was seen under way.</summary>
    private void FindTurns()
    {
        var named = acts.OfType<TurnAct>().Select(act => act.TurnId).OfType<string>().Concat(round.Running.Where(turn => turn.Session == session).Select(turn => turn.Id));
        foreach (var id in named.Except(session.Turns.Select(turn => turn.Id)).ToList())
        {
            // Several may have asked for it at once, and all of them the same: whose ask came first does not show.
            var running = round.Running.Find(turn => turn.Id == id);
            var asker = acts.OfType<TurnAct>().First(act => running is null ? act.TurnId == id : act.Question == running.Question);
            var turn = running ?? new NaiveTurn(session, asker.Question, id) { ClientTurnId = asker.ClientTurnId };
            turn.Model = asker.Model ?? asker.Again?.Model ?? session.Model ?? ConversationSettings.Plain;
            turn.Calls = [.. round.Calls.Where(call => call.Question.Number == turn.Question.Number)];
            turn.Ended = (round.Began, round.Ended);
            _begun.Add((turn, asker));
        }
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
