using OrleansChat.GatewayApi.Tests.Calls;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Holds a turn against what its upstreams did: how it had to end, and what had to be said.</summary>
/// <param name="turn">The turn.</param>
/// <param name="round">The round in which it began and ended.</param>
/// <param name="mayBeLeftAlone">Whether an upstream may not be asked.</param>
internal sealed class TurnJudge(NaiveTurn turn, ConversationRound round, Func<string, bool> mayBeLeftAlone)
{
    private readonly List<string> _faults = [];

    private IReadOnlyList<string> Route => ConversationSettings.RouteOf(turn.Model);

    private bool IsCancelled => Orders.Any(act => act.Turn?.Id == turn.Id && act is { Order: Order.Cancel or Order.CancelByFrame, Status: < 300 });

    private bool IsStopped => IsCancelled || Orders.Any(act => act.Session == turn.Session && act is { Order: Order.Delete, Status: 204 });

    private IEnumerable<OrderAct> Orders => round.Acts.OfType<OrderAct>();

    /// <summary>Judges it.</summary>
    /// <returns>What is wrong.</returns>
    public IEnumerable<string> Judge()
    {
        JudgeNumbers();
        if (_faults.Count == 0)
            JudgeCalls();
        if (_faults.Count == 0)
            JudgeSaid();
        if (_faults.Count == 0)
            JudgeEnd();
        return _faults.Select(fault => $"{fault}: {turn}\nwith\n{string.Join('\n', turn.Calls)}");
    }

    private void JudgeNumbers()
    {
        var events = turn.Events;
        if (!events.Select(entry => entry.Sequence).SequenceEqual(Enumerable.Range(1, events.Count).Select(number => (long)number)))
            _faults.Add("The numbers have gaps");
        if (events.Count(entry => entry.IsLast) != 1 || !events[^1].IsLast)
            _faults.Add("It has not one end");
        if (events.Count(entry => entry.Name == HeardEvent.Started) != 1 || events[0].Name != HeardEvent.Started)
            _faults.Add("It has not one beginning");
    }

    /// <summary>Its calls go along the route, one after the other, each upstream once.</summary>
    private void JudgeCalls()
    {
        var places = turn.Calls.Select(call => Route.ToList().IndexOf(call.Upstream)).ToList();
        if (places.Contains(-1) || !places.SequenceEqual(places.Distinct().Order()))
            _faults.Add("It asked others than it should");

        // Whoever is answered from the beginning to the end asks nobody else.
        if (turn.Calls.SkipLast(1).Any(call => call.End is CallEnd.Whole || (call.End is CallEnd.Left && !IsLost(call))))
            _faults.Add("It asked on after an answer");
    }

    private void JudgeSaid()
    {
        var said = Parts();
        var spoken = turn.Calls.Where(call => call.Sent > 0).ToList();
        var last = turn.Calls is [.., var end] ? end : null;
        for (var i = 0; i < spoken.Count; i++)
        {
            var whole = string.Concat(turn.Question.PiecesOf(spoken[i].Number).Take(spoken[i].Sent));
            var part = i < said.Count ? said[i] : "";
            var mayBeCut = spoken[i] == last && IsStopped;
            if (mayBeCut ? !whole.StartsWith(part, StringComparison.Ordinal) : part != whole)
                _faults.Add($"Part {i} should be '{whole}' and is '{part}'");
        }

        // Text is followed by another call's, or by the call of one that says nothing, with a restart before it.
        var restarts = spoken.Count(call => call != last && (call.End is CallEnd.Broken || IsLost(call)));
        var mayRestartInVain = last is not null && last.Sent > 0 && last.End is not CallEnd.Whole && !turn.Calls.Take(turn.Calls.Count - 1).Any(call => call.Sent > 0) && Untried().Any();
        if (said.Count - 1 != restarts && !(mayRestartInVain && said.Count - 1 == restarts + 1))
            _faults.Add($"It should begin again {restarts} times");
    }

    private void JudgeEnd()
    {
        var last = turn.Calls is [.., var end] ? end : null;
        switch (turn.Status)
        {
            case "completed":
                if (last?.End is not CallEnd.Whole)
                    _faults.Add("Nobody answered it");
                break;
            case "cancelled":
                if (!IsStopped)
                    _faults.Add("Nobody stopped it");
                break;
            case "failed":
                if (last?.End is CallEnd.Whole)
                    _faults.Add("It was answered");
                if (Untried().Any(upstream => !mayBeLeftAlone(upstream)) && !IsRefused())
                    _faults.Add("Another upstream was not tried");
                break;
            default:
                _faults.Add("Nobody expects that end");
                break;
        }

        if (IsCancelled && round.Held.Contains(turn) && turn.Status != "cancelled")
            _faults.Add("It was stopped and did not stop");
    }

    /// <summary>Whether the budget had no room for another attempt.</summary>
    private bool IsRefused() => turn.Session.BudgetUsd is not null && turn.Events is [.., var end] && end.Told.StartsWith("402 budget_exceeded", StringComparison.Ordinal);

    private IEnumerable<string> Untried() => Route.Except(turn.Calls.Select(call => call.Upstream));

    private static bool IsLost(PlayedCall call) => call.End is CallEnd.Left && call.Took >= CallSettings.Silence;

    /// <summary>What was said between restarts.</summary>
    private List<string> Parts()
    {
        List<string> parts = [""];
        foreach (var entry in turn.Events)
        {
            if (entry.Name == HeardEvent.Restarted)
                parts.Add("");
            else if (entry.Name == HeardEvent.Delta)
                parts[^1] += entry.Told;
        }

        return parts;
    }
}
