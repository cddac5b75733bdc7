using OrleansChat.Testing.Chat;

namespace OrleansChat.Cluster.Tests.Chaos;

/// <summary>Answers every call with the same words, a few at a time.</summary>
internal sealed class PiecemealAnswer(int seed)
{
    private const int Words = 60;

    private readonly Random _random = new(seed);

    /// <summary>The whole answer.</summary>
    public static string Text { get; } = string.Concat(Enumerable.Range(0, Words).Select(Word));

    /// <summary>Answers one call.</summary>
    public void Answer(ScriptedChatCall call)
    {
        int rest;
        lock (_random)
            rest = _random.Next(1, 12);

        _ = Task.Run(async () =>
        {
            for (var number = 0; number < Words; number++)
            {
                call.Say(Word(number));
                if (number % rest == 0)
                    await Task.Yield();
            }

            call.End();
        });
    }

    private static string Word(int number) => $"w{number} ";
}
