using System.Text.Json;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>Holds what an asker was answered against his turn.</summary>
internal static class StepAnswers
{
    /// <summary>What is wrong.</summary>
    /// <param name="act">Who asked, and stayed to the end.</param>
    /// <param name="turn">The turn, which has ended.</param>
    /// <param name="view">The turn as it is shown.</param>
    public static IEnumerable<string> FaultsOf(TurnAct act, StepTurn turn, JsonElement view)
    {
        if (act.TurnId != turn.Turn.Id)
            yield return $"It is another turn than {turn.Turn.Id}: {act}";
        if (act.Broken is { } broken)
            yield return $"It broke off: {act}\n{broken}";

        var isAnswered = turn.End is "completed" || (turn.End is "cancelled" && act.Way is Way.Whole);
        if (act.Way is Way.Whole && isAnswered && !(act.Status == 200 && JsonElement.DeepEquals(act.Answer, view)))
            yield return $"It should be {view}: {act}";
        if (act.Way is Way.Simple && isAnswered && !(act.Status == 200 && act.Answer.GetProperty("response").GetString() == turn.Text))
            yield return $"It should be '{turn.Text}': {act}";
        if (act.Way is Way.Whole or Way.Simple && !isAnswered && act.Status < 400)
            yield return $"It should tell of {turn}: {act}";
    }
}
