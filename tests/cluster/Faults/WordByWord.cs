using OrleansChat.Testing.Chat;

namespace OrleansChat.Cluster.Tests.Faults;

/// <summary>Answers every call with the same words: the first half at once, the rest when the test says so.</summary>
internal sealed class WordByWord
{
    private const int Words = 40;

    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _begun = new(0);

    /// <summary>The whole answer.</summary>
    public static string Text { get; } = string.Concat(Enumerable.Range(0, Words).Select(Word));

    /// <summary>Answers one call.</summary>
    public void Answer(ScriptedChatCall call)
    {
        for (var number = 0; number < Words / 2; number++)
            call.Say(Word(number));

        _begun.Release();
        _ = FinishAsync(call);
    }

    /// <summary>Waits until that many calls have begun.</summary>
    public async Task FirstWordsAsync(int calls)
    {
        for (var call = 0; call < calls; call++)
            await _begun.WaitAsync();
    }

    /// <summary>Lets all calls end, those to come too.</summary>
    public void Finish() => _finish.TrySetResult();

    private static string Word(int number) => $"w{number} ";

    private async Task FinishAsync(ScriptedChatCall call)
    {
        await _finish.Task;
        for (var number = Words / 2; number < Words; number++)
            call.Say(Word(number));

        call.End();
    }
}
