namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>Draws what upstreams do.</summary>
internal sealed class StepOrders(Random random, StepWorld world, StepRun run, StepStory story)
{
    private int _pieces;
    private int _used;

    /// <summary>Has one of a turn's upstreams do something.</summary>
    /// <param name="turn">The turn.</param>
    /// <returns>What must come of it.</returns>
    public Action<StepTurn> Draw(StepTurn turn)
    {
        var asked = turn.Asked.ToList();
        var upstream = asked[random.Next(asked.Count)];
        var call = run.CallOf(turn, upstream);
        var now = world.Now;
        switch (random.Next(8))
        {
            case 0 or 1 or 2 or 3:
                var pieces = Enumerable.Range(0, random.Next(5) == 0 ? random.Next(200) + 1 : random.Next(3) + 1).Select(_ => $"p{_pieces++} ").ToList();
                story.Tell($"{upstream} says '{StepTurn.Short([string.Concat(pieces)])}' to {turn}");
                call.Say(pieces);
                return one => one.Say(upstream, string.Concat(pieces));
            case 4 or 5:
                (long, long)? used = random.Next(4) == 0 ? null : (1_500 + (_used++ % 400), 1 + (_used % 50));
                story.Tell($"{upstream} ends with {used}, {turn}");
                call.Finish(used);
                return one => one.Finish(upstream, used);
            case 6 when turn.Winner is null:
                story.Tell($"{upstream} refuses {turn}");
                call.Refuse();
                return one => one.Fail(upstream, now);
            default:
                story.Tell($"{upstream} breaks off {turn}");
                call.Cut();
                return one => one.Fail(upstream, now);
        }
    }
}
