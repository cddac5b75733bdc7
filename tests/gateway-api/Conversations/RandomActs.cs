using OrleansChat.GatewayApi.Tests.Calls;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Draws who does what, and what upstreams will do with it.</summary>
internal sealed class RandomActs(Random random, ConversationWorld world, NaiveConversations naive)
{
    private static readonly Way[] Ways = [Way.Simple, Way.Whole, Way.Events, Way.Events, Way.Socket];
    private static readonly Way[] ReadingWays = [Way.Events, Way.EventSource, Way.Socket];
    private static readonly string[] Makers = [ConversationSettings.Ann, ConversationSettings.Ben, ConversationSettings.Eve, ConversationSettings.Poor, ConversationSettings.Tight];
    private static readonly Fate[] Faults =
    [
        Fate.HidesUsage, Fate.HidesUsage, Fate.Refuses, Fate.Limits, Fate.Drops, Fate.IsSilent, Fate.Breaks, Fate.Breaks, Fate.EndsWithAnError, Fate.FallsSilent,
    ];

    private readonly Dictionary<string, Question> _ids = [];
    private int _questions;
    private int _plans;

    /// <summary>What is done at the beginning of a round.</summary>
    public List<Act> Draw()
    {
        List<Act> acts = [];
        for (var count = random.Next(1, 12); count > 0; count--)
        {
            var living = naive.Living.Where(session => session.IsExpired(world.Now, world.Now + TimeSpan.TicksPerMinute) is false).ToList();
            var session = living.Count > 0 && random.Next(8) > 0 ? living[random.Next(living.Count)] : null;
            switch (random.Next(14))
            {
                case 0 or 1 when session is { Turns.Count: > 0 }:
                    Add(acts, Read(KeyFor(session), session.Turns[random.Next(session.Turns.Count)]));
                    break;
                case 2 when session is { Turns.Count: > 0 }:
                    var order = random.Next(3) switch { 0 => Order.Cancel, 1 => Order.CancelByFrame, _ => Order.Look };
                    Add(acts, OrderOn(KeyFor(session), session.Turns[random.Next(session.Turns.Count)], order));
                    break;
                case 3 when session is { Turns.Count: > 0 }:
                    AddAgain(acts, session.Turns[random.Next(session.Turns.Count)]);
                    break;
                case 4 or 5 when DrawId(session) is { } id:
                    AddRepeats(acts, KeyFor(session!), session!, id, _ids[id]);
                    break;
                case 4 or 5 or 6 when session is not null:
                    AddRepeats(acts, KeyFor(session), session, null, null);
                    break;
                case 7 when session is not null && random.Next(3) == 0 && acts.TrueForAll(act => act.Session != session || !MakesSessions(act)):
                    acts.Add(new OrderAct(KeyFor(session), session, Order.Delete));
                    break;
                case 8 when session is null:
                    AddNewcomers(acts);
                    break;
                default:
                    Add(acts, session is null ? Begin(Makers[random.Next(Makers.Length)], NewSession(), false) : Ask(KeyFor(session), session, false));
                    break;
            }
        }

        return acts;
    }

    /// <summary>Whether somebody who waits hangs up.</summary>
    public bool DrawLeaving(Act act) => act is TurnAct or ReadAct && random.Next(4) == 0;

    /// <summary>What is done while turns are under way.</summary>
    public List<Act> DrawLate(ConversationRound round)
    {
        List<Act> acts = [];
        foreach (var turn in round.Held)
        {
            var session = turn.Session;
            foreach (var reader in round.Acts.Where(act => act is { HasLeft: true } && act.Session == session))
            {
                var last = reader is TurnAct asked ? asked.Heard.Last : ((ReadAct)reader).Heard.Last;
                acts.Add(new ReadAct(reader.Key, turn, ReadingWays[random.Next(3)], last) { IsLate = true });
            }

            // What may make a session anew does not come beside its end.
            var ends = random.Next(10) == 0 && round.Acts.TrueForAll(act =>
                act.Session != session || !MakesSessions(act) || act.Doing.IsCompleted || act is TurnAct { TurnId: not null });
            for (var count = random.Next(4); count > 0; count--)
            {
                Act act = random.Next(8) switch
                {
                    0 or 1 => Read(KeyOrOwner(round, session), turn, isLate: true),
                    2 => new OrderAct(KeyOrOwner(round, session), session, random.Next(2) == 0 ? Order.Cancel : Order.CancelByFrame) { Turn = turn, IsLate = true },
                    3 => new OrderAct(KeyOrOwner(round, session), session, random.Next(2) == 0 ? Order.Look : Order.Show) { Turn = turn, IsLate = true },
                    4 when turn.ClientTurnId is { } id => Repeat(KeyOrOwner(round, session), session, id, random.Next(2) == 0 ? turn.Question : NewQuestion(null), isLate: true),
                    5 when session.Messages.Count > 0 => new OrderAct(KeyOrOwner(round, session), session, Order.Switch) { MessageId = session.Messages[0].Id, IsLate = true },
                    _ => Ask(KeyOrOwner(round, session), session, isLate: true),
                };
                if (!ends || !MakesSessions(act))
                    acts.Add(act);
            }

            if (ends)
            {
                acts.RemoveAll(act => act.Session == session && MakesSessions(act));
                acts.Add(new OrderAct(KeyOrOwner(round, session), session, Order.Delete) { IsLate = true });
            }
        }

        // Whoever asks twice in a session under one id, or is told that another turn runs, is to be told apart.
        return [.. acts.DistinctBy(act => act is TurnAct { Again: null } asked ? asked.Question.Number : -1 - acts.IndexOf(act))];
    }

    private static bool MakesSessions(Act act) => act is TurnAct { Way: Way.Simple or Way.Socket } or ReadAct { Way: Way.Socket } or OrderAct { Order: Order.CancelByFrame };

    private static void Add(List<Act> acts, Act act)
    {
        // A question is asked once at a time.
        var isDoomed = acts.Exists(other => other.Session == act.Session && other is OrderAct { Order: Order.Delete });
        if (!(isDoomed && MakesSessions(act)))
            acts.Add(act);
    }

    private NaiveSession NewSession()
    {
        var gone = naive.Sessions.Where(session => session is { IsGone: true, Owner: not null, TtlMinutes: null }
            && !naive.Sessions.Any(other => other.Id == session.Id && !other.IsGone)).ToList();
        return naive.New(gone.Count > 0 && random.Next(2) == 0 ? gone[random.Next(gone.Count)].Id : $"own-{naive.Sessions.Count}");
    }

    /// <summary>Several who ask at the same time in a session that is not there yet.</summary>
    private void AddNewcomers(List<Act> acts)
    {
        var session = NewSession();
        for (var count = random.Next(1, 4); count > 0; count--)
            acts.Add(Begin(Makers[random.Next(Makers.Length)], session, false));
    }

    private TurnAct Begin(string key, NaiveSession session, bool isLate) => new(key, session, NewQuestion(key), random.Next(2) == 0 ? Way.Simple : Way.Socket) { IsLate = isLate };

    private TurnAct Ask(string key, NaiveSession session, bool isLate)
    {
        var way = Ways[random.Next(Ways.Length)];
        var mayChoose = way is Way.Whole or Way.Events;
        return new TurnAct(key, session, NewQuestion(key), way)
        {
            IsLate = isLate,
            ParentId = mayChoose ? DrawParent(session) : null,
            Model = mayChoose && random.Next(4) == 0 ? ConversationSettings.Models[random.Next(ConversationSettings.Models.Count)] : null,
        };
    }

    private string? DrawParent(NaiveSession session) => random.Next(6) switch
    {
        0 => "root",
        1 or 2 when session.Messages.Count > 0 => session.Messages[random.Next(session.Messages.Count)].Id,
        3 when random.Next(5) == 0 && naive.Sessions.FirstOrDefault(other => other != session && other.Messages.Count > 0) is { } other => other.Messages[0].Id,
        _ => null,
    };

    /// <summary>The same under one id several times at once, or something else under it.</summary>
    private void AddRepeats(List<Act> acts, string key, NaiveSession session, string? id, Question? question)
    {
        if (id is null)
        {
            (id, question) = ($"once-{_questions}", NewQuestion(key));
            _ids[id] = question;
        }

        if (acts.Exists(act => act is TurnAct asked && asked.Question.Number == question!.Number))
            return;

        for (var count = random.Next(1, 4); count > 0; count--)
            Add(acts, Repeat(random.Next(3) > 0 ? key : KeyFor(session), session, id, random.Next(5) > 0 ? question! : NewQuestion(key), isLate: false));
    }

    /// <summary>A client's id that began one of a session's turns.</summary>
    private string? DrawId(NaiveSession? session)
    {
        var ids = session?.Turns.Select(turn => turn.ClientTurnId).OfType<string>().Distinct().ToList() ?? [];
        return ids.Count == 0 ? null : ids[random.Next(ids.Count)];
    }

    private TurnAct Repeat(string key, NaiveSession session, string id, Question question, bool isLate) =>
        new(key, session, question, random.Next(2) == 0 ? Way.Whole : Way.Events) { ClientTurnId = id, IsLate = isLate };

    private void AddAgain(List<Act> acts, NaiveTurn turn)
    {
        if (turn.QuestionId is null || acts.Exists(act => act is TurnAct asked && asked.Question.Number == turn.Question.Number))
            return;

        Add(acts, new TurnAct(KeyFor(turn.Session), turn.Session, turn.Question, random.Next(2) == 0 ? Way.Whole : Way.Events)
        {
            Again = turn,
            Model = random.Next(3) == 0 ? ConversationSettings.Models[random.Next(ConversationSettings.Models.Count)] : null,
        });
    }

    private ReadAct Read(string key, NaiveTurn turn, bool isLate = false) =>
        new(key, turn, ReadingWays[random.Next(ReadingWays.Length)], random.Next(3) == 0 ? 0 : random.Next(turn.Events.Count + 4)) { IsLate = isLate };

    private static OrderAct OrderOn(string key, NaiveTurn turn, Order order) => new(key, turn.Session, order) { Turn = turn };

    private string KeyFor(NaiveSession session) =>
        random.Next(5) switch
        {
            0 => ConversationSettings.Keys[random.Next(ConversationSettings.Keys.Count)],
            1 or 2 when session.IsShared => random.Next(2) == 0 ? ConversationSettings.Ann : ConversationSettings.Ben,
            _ => session.Owner!,
        };

    /// <summary>One who may see a session, also where it is not judged yet whose it is.</summary>
    private string KeyOrOwner(ConversationRound round, NaiveSession session) => session.Owner is null
        ? round.Asked.First(act => act.Session == session && round.Running.Exists(turn => turn.Question.Number == act.Question.Number)).Key
        : KeyFor(session);

    private Question NewQuestion(string? key)
    {
        var question = new Question(_questions++, key, "turns", "", true, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => NewPlan(key))]);
        world.Upstreams.Expect(question);
        return question;
    }

    private Plan NewPlan(string? key)
    {
        var pieces = random.Next(1, 6);
        var fate = random.Next(2) == 0 ? Fate.Answers : Faults[random.Next(Faults.Length)];

        // Their next attempts would wait for limits and budgets.
        if (key is ConversationSettings.Poor or ConversationSettings.Tight && fate is Fate.Breaks or Fate.EndsWithAnError or Fate.FallsSilent)
            fate = Fate.Answers;

        var serial = _plans++;
        return new Plan(fate, pieces, 1_500 + (serial % 400), 1 + (serial / 400 % Question.MaxOutput))
        {
            FaultAfter = random.Next(1, pieces + 1),
            HoldsAfter = random.Next(2) == 0 ? random.Next(Plan.BeforeAnything, pieces + 1) : null,
        };
    }
}
