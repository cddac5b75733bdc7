namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>Draws who asks what, again or for the first time, and what upstreams will do with it.</summary>
internal sealed class RandomAsks(Random random, CallWorld world, NaiveGateway naive)
{
    private static readonly string[] Paths = [Question.Chat, Question.Chat, Question.Messages, Question.Responses];
    private static readonly string[] Models = [CallSettings.Plain, CallSettings.Plain, CallSettings.Hedged, CallSettings.Lame, CallSettings.Cached];
    private static readonly string[] Askers = [CallSettings.Shared, CallSettings.Shared2, CallSettings.Own, CallSettings.Free];
    private static readonly Fate[] Faults =
    [
        Fate.HidesUsage, Fate.ClaimsTheImpossible, Fate.ClaimsMore, Fate.Refuses, Fate.Limits, Fate.Drops, Fate.IsSilent, Fate.Breaks, Fate.EndsWithAnError, Fate.FallsSilent,
    ];

    private readonly List<Ask> _asked = [];
    private int _questions;
    private int _plans;

    private long Now => world.Clock.GetTimestamp();

    /// <summary>Those who ask at the beginning of a round.</summary>
    public List<Ask> Draw()
    {
        List<Ask> asks = [];
        for (var count = random.Next(1, 14); count > 0; count--)
        {
            switch (random.Next(10))
            {
                case < 3 when _asked.Count > 0:
                    Add(asks, Again(_asked[random.Next(_asked.Count)]));
                    break;
                case 3:
                    // Several who ask the same, some of whom share their answers.
                    var question = NewQuestion(null);
                    for (var others = random.Next(1, 4); others > 0; others--)
                        Add(asks, new Ask(question, Askers[random.Next(Askers.Length)], Now));
                    break;
                case 4:
                    // The same request twice, at the same time.
                    var first = New(mayLeave: false, OnceOrNot(2) ?? NewOnce());
                    Add(asks, first);
                    for (var others = random.Next(1, 3); others > 0; others--)
                        Add(asks, Repeat(first));
                    break;
                default:
                    Add(asks, New(mayLeave: true, OnceOrNot(3)));
                    break;
            }
        }

        _asked.AddRange(asks);
        return asks;
    }

    /// <summary>Those who come while calls of others wait.</summary>
    public List<Ask> DrawLate(IReadOnlyList<Ask> waiting)
    {
        List<Ask> asks = [];
        foreach (var ask in waiting.Where(ask => ask.IdempotencyKey is not null && ask.Key != CallSettings.Limited))
        {
            // Whoever joins shares its end, and whoever asks for something else is told so.
            switch (random.Next(4))
            {
                case 0:
                    asks.Add(new Ask(ask.Question, ask.Key, Now) { IdempotencyKey = ask.IdempotencyKey, CacheControl = ask.CacheControl, IsLate = true });
                    break;
                case 1:
                    asks.Add(new Ask(NewQuestion(ask.Key), ask.Key, Now) { IdempotencyKey = ask.IdempotencyKey, IsLate = true });
                    break;
                case 2:
                    asks.Add(new Ask(ask.Question with { IsStream = !ask.Question.IsStream }, ask.Key, Now) { IdempotencyKey = ask.IdempotencyKey, IsLate = true });
                    break;
            }
        }

        return asks;
    }

    /// <summary>
    /// Two of a round under one key ask the same, so that it does not matter which comes first, and a question whose calls may fail is asked once or under one key, so that it is known for whom
    /// its calls are made.
    /// </summary>
    private void Add(List<Ask> asks, Ask ask)
    {
        var others = asks.Where(other => other.IdempotencyKey is not null && other.IdempotencyKey == ask.IdempotencyKey && other.Key == ask.Key);
        var repeated = ask.IdempotencyKey is { } once ? naive.Repeats.Find(ask.Key, once, Now) : null;
        var isAlone = ask.Question.Owner is null || asks.TrueForAll(other => other.Question != ask.Question || (ask.IdempotencyKey is not null && other.IdempotencyKey == ask.IdempotencyKey));
        if (isAlone && others.All(other => other.Question == ask.Question || repeated is not null))
            asks.Add(ask);
    }

    private Ask New(bool mayLeave, string? once)
    {
        var key = CallSettings.Keys[random.Next(CallSettings.Keys.Count)];
        var question = NewQuestion(key);

        // Whoever leaves a hedged call tells nobody which upstream was faster.
        return new Ask(question, key, Now)
        {
            IdempotencyKey = once,
            CacheControl = CallSettings.CacheOf(key, question.Model) is null ? null : DrawControl(),
            Leaves = mayLeave && !question.IsHedged && question.Plans.Any(plan => plan.HoldsAfter is not null) && random.Next(2) == 0,
        };
    }

    private Ask Again(Ask before)
    {
        if (before.IdempotencyKey is null || random.Next(3) == 0)
            return before.Question.Owner is null || CallSettings.CacheOf(before.Key, before.Question.Model) is not null ? Repeat(before, null) : New(mayLeave: true, OnceOrNot(3));

        return random.Next(4) switch
        {
            // Something else under the same key.
            0 when naive.Repeats.Find(before.Key, before.IdempotencyKey, Now) is not null => new Ask(NewQuestion(before.Key), before.Key, Now) { IdempotencyKey = before.IdempotencyKey },

            // The same words of another caller.
            1 => NewOf(CallSettings.Keys[random.Next(CallSettings.Keys.Count)], before.IdempotencyKey),
            _ => Repeat(before),
        };
    }

    private Ask NewOf(string key, string once) => new(NewQuestion(key), key, Now) { IdempotencyKey = once };

    private Ask Repeat(Ask before) => Repeat(before, before.IdempotencyKey);

    private Ask Repeat(Ask before, string? once) => new(before.Question, before.Key, Now) { IdempotencyKey = once, CacheControl = before.CacheControl };

    private string? OnceOrNot(int chance) => random.Next(chance) == 0 ? NewOnce() : null;

    private string NewOnce() => $"once-{_questions}";

    private string? DrawControl() => random.Next(6) switch
    {
        0 => "no-cache",
        1 => "no-store",
        _ => null,
    };

    private Question NewQuestion(string? owner)
    {
        var number = _questions++;
        var (path, model) = (Paths[random.Next(Paths.Length)], owner is null ? CallSettings.Plain : Models[random.Next(Models.Length)]);
        var question = new Question(number, owner, path, model, random.Next(2) == 0, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => NewPlan(owner))]);
        world.Upstreams.Expect(question);
        return question;
    }

    private Plan NewPlan(string? owner)
    {
        var pieces = random.Next(1, 6);
        var fate = owner is null || random.Next(2) == 0 ? Fate.Answers : Faults[random.Next(Faults.Length)];

        // What is above all that was set aside passes every budget.
        if (fate is Fate.ClaimsMore && owner == CallSettings.Poor)
            fate = Fate.Answers;

        var serial = _plans++;
        var (input, output) = (1_500 + (serial % 400), 1 + (serial / 400 % Question.MaxOutput));
        return new Plan(
            fate,
            pieces,
            fate is Fate.ClaimsTheImpossible ? -input : fate is Fate.ClaimsMore ? input * 100 : input,
            fate is Fate.ClaimsTheImpossible ? -output : output)
        {
            FaultAfter = random.Next(1, pieces + 1),
            HoldsAfter = random.Next(3) == 0 ? random.Next(Plan.BeforeAnything, pieces + 1) : null,
        };
    }
}
