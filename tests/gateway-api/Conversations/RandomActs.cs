using OrleansChat.GatewayApi.Tests.Calls;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Draws who does what, and what upstreams will do with it.</summary>
internal sealed class RandomActs(Random random, ConversationWorld world, NaiveConversations naive)
{
    private static readonly Way[] Ways = [Way.Simple, Way.Whole, Way.Events, Way.Events, Way.Socket];
    private static readonly Way[] ReadingWays = [Way.Events, Way.EventSource, Way.Socket];
    private static readonly string[] Makers = [ConversationSettings.Ann, ConversationSettings.Ben, ConversationSettings.Eve, ConversationSettings.Poor, ConversationSettings.Tight];

    private readonly RandomQuestions _questions = new(random, world.Upstreams);

    /// <summary>What is done at the beginning of a round.</summary>
    public List<Act> Draw()
    {
        List<Act> acts = [];
        for (var count = random.Next(1, 12); count > 0; count--)
        {
            var living = naive.Living.Where(session => session.IsExpired(world.Now, world.Now + TimeSpan.TicksPerMinute) is false).ToList();

            // The older the more often, so that some get long.
            var session = living.Count > 0 && random.Next(8) > 0 ? living[random.Next(random.Next(living.Count) + 1)] : null;
            switch (random.Next(14))
            {
                case 0 or 1 when session is { Turns.Count: > 0 }:
                    Add(acts, Read(KeyFor(session), session.Turns[random.Next(session.Turns.Count)]));
                    break;
                case 2 when session is { Turns.Count: > 0 }:
                    var order = random.Next(3) switch { 0 => Order.Cancel, 1 => Order.CancelByFrame, _ => Order.Look };
                    Add(acts, new OrderAct(KeyFor(session), session, order) { Turn = session.Turns[random.Next(session.Turns.Count)] });
                    break;
                case 3 when session is { Turns.Count: > 0 }:
                    AddAgain(acts, session.Turns[random.Next(session.Turns.Count)]);
                    break;
                case 4 or 5 when DrawNamed(session) is { } old:
                    AddRepeats(acts, KeyFor(session!), session!, old);
                    break;
                case 4 or 5 or 6 when session is not null:
                    AddRepeats(acts, KeyFor(session), session, null);
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
                    4 when turn.ClientTurnId is { } id => Repeat(KeyOrOwner(round, session), session, id, random.Next(2) == 0 ? turn.Question : _questions.New(null), isLate: true),
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

        // A question is asked once at a time, so that its calls are one turn's.
        return [.. acts.DistinctBy(act => act is TurnAct { Again: null } asked ? asked.Question.Number : -1 - acts.IndexOf(act))];
    }

    private static bool MakesSessions(Act act) => act is TurnAct { Way: Way.Simple or Way.Socket } or ReadAct { Way: Way.Socket } or OrderAct { Order: Order.CancelByFrame };

    private static void Add(List<Act> acts, Act act)
    {
        // What may make a session anew does not come beside its end.
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

    private TurnAct Begin(string key, NaiveSession session, bool isLate) => new(key, session, _questions.New(key), random.Next(2) == 0 ? Way.Simple : Way.Socket) { IsLate = isLate };

    private TurnAct Ask(string key, NaiveSession session, bool isLate)
    {
        var way = Ways[random.Next(Ways.Length)];
        var mayChoose = way is Way.Whole or Way.Events;
        return new TurnAct(key, session, _questions.New(key), way)
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

    /// <summary>One question several times at once under one id: a new one, or that of an older turn, which may have been asked something else.</summary>
    private void AddRepeats(List<Act> acts, string key, NaiveSession session, NaiveTurn? old)
    {
        var question = old is null || random.Next(5) == 0 ? _questions.New(key) : old.Question;
        var id = old?.ClientTurnId ?? $"once-{question.Number}";
        if (acts.Exists(act => act is TurnAct asked && (asked.Question.Number == question.Number || asked.ClientTurnId == id)))
            return;

        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var asker = random.Next(3) > 0 ? key : KeyFor(session);
            if (RandomQuestions.MayAsk(asker, question))
                Add(acts, Repeat(asker, session, id, question, isLate: false));
        }
    }

    /// <summary>One of a session's turns that a client began under an id of its own.</summary>
    private NaiveTurn? DrawNamed(NaiveSession? session)
    {
        var named = session?.Turns.Where(turn => turn.ClientTurnId is not null).ToList() ?? [];
        return named.Count == 0 ? null : named[random.Next(named.Count)];
    }

    private TurnAct Repeat(string key, NaiveSession session, string id, Question question, bool isLate) =>
        new(key, session, question, random.Next(2) == 0 ? Way.Whole : Way.Events) { ClientTurnId = id, IsLate = isLate };

    private void AddAgain(List<Act> acts, NaiveTurn turn)
    {
        var key = KeyFor(turn.Session);
        if (!RandomQuestions.MayAsk(key, turn.Question) || acts.Exists(act => act is TurnAct asked && asked.Question.Number == turn.Question.Number))
            return;

        Add(acts, new TurnAct(key, turn.Session, turn.Question, random.Next(2) == 0 ? Way.Whole : Way.Events)
        {
            Again = turn,
            Model = random.Next(3) == 0 ? ConversationSettings.Models[random.Next(ConversationSettings.Models.Count)] : null,
        });
    }

    private ReadAct Read(string key, NaiveTurn turn, bool isLate = false) =>
        new(key, turn, ReadingWays[random.Next(ReadingWays.Length)], random.Next(3) == 0 ? 0 : random.Next(turn.Events.Count + 4)) { IsLate = isLate };

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
}
