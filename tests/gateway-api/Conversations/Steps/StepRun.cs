using OrleansChat.GatewayApi.Tests.Calls;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>What goes on in a run: the sessions, their turns, and the wait for what must come of each step.</summary>
internal sealed class StepRun(Random random, StepWorld world, StepStory story)
{
    private static readonly Way[] Ways = [Way.Simple, Way.Whole, Way.Events, Way.Events, Way.Socket];
    private static readonly Way[] ReadingWays = [Way.Events, Way.EventSource, Way.Socket];

    private readonly List<StepSession> _sessions = [];
    private int _questions;

    public IReadOnlyList<StepSession> Sessions => _sessions;

    /// <summary>The turns under way.</summary>
    public IEnumerable<StepTurn> Turns => _sessions.Select(session => session.Running).OfType<StepTurn>();

    /// <summary>The sessions with turns under way.</summary>
    public List<StepSession> Busy => [.. _sessions.Where(session => session.Running is not null)];

    public async Task MakeSessionAsync(string key)
    {
        var model = StepSettings.Models[random.Next(StepSettings.Models.Count)];
        var made = await world.AskAsync(key, HttpMethod.Post, "/api/sessions", new { model, title = "Steps" });
        _sessions.Add(new StepSession(new NaiveSession(_sessions.Count, made.GetProperty("id").GetString()!) { Owner = key }, key, model));
    }

    /// <summary>Somebody asks a session something that nobody has asked.</summary>
    public TurnAct Ask(StepSession session)
    {
        var way = Ways[random.Next(Ways.Length)];
        var question = new Question(_questions++, session.Key, "turns", "", true, []);
        var once = way is Way.Whole or Way.Events && random.Next(2) == 0 ? $"once-{question.Number}" : null;
        var act = new TurnAct(session.Key, session.Session, question, way) { ClientTurnId = once };
        act.Start(world);
        return act;
    }

    /// <summary>A turn has begun, or was found by the next host: it is heard from now on.</summary>
    /// <param name="session">The session.</param>
    /// <param name="act">Who asked.</param>
    /// <param name="id">The turn's id.</param>
    public void Follow(StepSession session, TurnAct act, string id)
    {
        var turn = new NaiveTurn(session.Session, act.Question, id) { ClientTurnId = act.ClientTurnId };
        session.Running = new StepTurn(turn, session.Key, session.Model, [.. session.Messages, (NaiveMessage.User, act.Question.Text)]);
        session.Running.Begin(world.Now);
        session.Readers = new StepReaders(world, turn);
        if (!act.HasLeft)
            session.Readers.Add(act);
    }

    /// <summary>The turn that a session says is under way; null for none.</summary>
    public async Task<string?> FindRunningAsync(StepSession session)
    {
        var shown = await world.AskAsync(ConversationSettings.Boss, HttpMethod.Get, session.Path);
        return shown.TryGetProperty("activeTurnId", out var id) ? id.GetString() : null;
    }

    public Way DrawReading() => ReadingWays[random.Next(ReadingWays.Length)];

    /// <summary>The call that one of a turn's upstreams has.</summary>
    public HandCall CallOf(StepTurn turn, string upstream) => world.Upstreams.LiveOf(world.Host, turn.Turn.Question.Number).Single(call => call.Upstream == upstream);

    /// <summary>Waits until all has come that must come of what was done, and ends turns that are over.</summary>
    public async Task SettleAsync()
    {
        // So that no two attempts begin at the same moment unless their hosts do.
        do
            await SettleNowAsync();
        while (Pass(TimeSpan.FromMilliseconds(1)));
    }

    /// <summary>Time passes, and second calls set out that are due.</summary>
    /// <returns>Whether any are.</returns>
    public bool Pass(TimeSpan time)
    {
        world.Clock.Advance(time);
        var due = Turns.Where(turn => turn.HedgeDue <= world.Now).ToList();
        foreach (var turn in due)
        {
            turn.Hedge();
            story.Note(turn.Second is null ? "has no second call" : "has a second call");
        }

        return due.Count > 0;
    }

    /// <summary>Fails where anything is wrong.</summary>
    public static void Require(IEnumerable<string> faults)
    {
        var all = faults.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    private async Task SettleNowAsync()
    {
        try
        {
            await TestWait.UntilAsync(() => Busy.TrueForAll(IsAsDue) && TimersAreAsDue());
        }
        catch (TimeoutException)
        {
            var odd = Busy.Where(session => !IsAsDue(session)).Select(session => $"{session}\nwith {string.Join(", ", LiveOf(session))}, and heard are restarts {string.Join(", ", session.Readers!.Restarts)} and '"
                + $"{StepTurn.Short(session.Readers.Parts)}' up to {session.Readers.Witness}");
            Assert.Fail($"It does not come to be as it should:\n{string.Join('\n', odd)}");
        }

        foreach (var session in Busy)
            Require(session.Readers!.Judge(null));
        foreach (var turn in Busy.Where(session => session.Running!.End is null))
            CheckContexts(turn);
        foreach (var session in Busy.Where(session => session.Running!.End is not null))
            await EndAsync(session);
    }

    private List<HandCall> LiveOf(StepSession session) => world.Upstreams.LiveOf(world.Host, session.Running!.Turn.Question.Number);

    private bool IsAsDue(StepSession session)
    {
        var (turn, readers) = (session.Running!, session.Readers!);
        return LiveOf(session).Select(call => call.Upstream).SequenceEqual(turn.Asked)
            && readers.Restarts.SequenceEqual(turn.Restarts)
            && readers.Parts.SequenceEqual(turn.Parts)
            && (turn.End is null || readers.Witness.Doing.IsCompleted)
            && (turn.End is null || readers.Acts.All(act => act.Doing.IsCompleted))
            && readers.Witness.Heard.HasEnd == turn.End is not null
            && readers.Witness.Heard.Events.Count > 0;
    }

    /// <summary>Whether all wait for a second call that must; who is not asked yet may wait already.</summary>
    private bool TimersAreAsDue() => Turns.Select(turn => turn.HedgeDue).OfType<long>().GroupBy(due => due)
        .All(same => world.Clock.TimersIn(TimeSpan.FromTicks(same.Key - world.Now)) >= same.Count());

    private void CheckContexts(StepSession session)
    {
        foreach (var call in LiveOf(session).Where(call => !call.Told.SequenceEqual(session.Running!.Context)))
            Assert.Fail($"{call} is told\n{Lines(call.Told)}\nand should be\n{Lines(session.Running!.Context)}");
    }

    private async Task EndAsync(StepSession session)
    {
        var (turn, readers) = (session.Running!, session.Readers!);
        Assert.True(readers.Witness.Heard.Events[^1].Status == turn.End, $"It ends with {readers.Witness.Heard.Events[^1]}: {turn}");
        Require(readers.Judge(turn.End));
        var view = await world.AskAsync(session.Key, HttpMethod.Get, $"{session.Path}/turns/{turn.Turn.Id}");
        foreach (var act in readers.Acts.OfType<TurnAct>().Where(act => !act.HasLeft))
            Require(StepAnswers.FaultsOf(act, turn, view));

        session.Messages.Add((NaiveMessage.User, turn.Turn.Question.Text));
        if (turn.End == "completed" || (turn.End == "cancelled" && turn.Text.Length > 0))
            session.Messages.Add((NaiveMessage.Assistant, turn.Text));
        (session.Running, session.Readers) = (null, null);
        session.Ended.Add(turn);
        story.Note($"turn {turn.End}{(turn.Restarts.Count > 0 ? " after a restart" : "")}");
    }

    private static string Lines(IEnumerable<(string Role, string Content)> messages) =>
        string.Join('\n', messages.Select(message => $"{message.Role}: {message.Content[..Math.Min(60, message.Content.Length)]}"));
}
