using OrleansChat.GatewayApi.Tests.Calls;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Draws what is asked, and what upstreams will do with it.</summary>
internal sealed class RandomQuestions(Random random, PlayedUpstreams upstreams)
{
    private static readonly Fate[] Faults =
    [
        Fate.HidesUsage, Fate.HidesUsage, Fate.Refuses, Fate.Limits, Fate.Drops, Fate.IsSilent, Fate.Breaks, Fate.Breaks, Fate.EndsWithAnError, Fate.FallsSilent,
    ];

    private int _count;
    private int _plans;

    /// <summary>A question that nobody has asked.</summary>
    /// <param name="key">Who asks it first; null for nobody in particular.</param>
    public Question New(string? key)
    {
        var question = new Question(_count++, key, "turns", "", true, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => NewPlan(key))]);
        upstreams.Expect(question);
        return question;
    }

    /// <summary>Whether a key may ask what was drawn for another: whose means are small has only questions that take one attempt.</summary>
    public static bool MayAsk(string key, Question question) => !HasSmallMeans(key) || HasSmallMeans(question.Owner);

    private static bool HasSmallMeans(string? key) => key is ConversationSettings.Poor or ConversationSettings.Tight;

    private Plan NewPlan(string? key)
    {
        var pieces = random.Next(1, 6);
        var fate = random.Next(2) == 0 ? Fate.Answers : Faults[random.Next(Faults.Length)];

        // Their next attempts would wait for limits and budgets.
        if (HasSmallMeans(key) && fate is Fate.Breaks or Fate.EndsWithAnError or Fate.FallsSilent)
            fate = Fate.Answers;

        var serial = _plans++;
        return new Plan(fate, pieces, 1_500 + (serial % 400), 1 + (serial / 400 % Question.MaxOutput))
        {
            FaultAfter = random.Next(1, pieces + 1),
            HoldsAfter = random.Next(2) == 0 ? random.Next(Plan.BeforeAnything, pieces + 1) : null,
        };
    }
}
