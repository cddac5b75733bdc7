using System.Globalization;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Tests.CircuitBreaking;
using OrleansChat.Core.Tests.RateLimiting;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>
/// A router as one would write it down first: an agenda of moments with what happens at each, naive breakers, limits and places, and a list of all that was done. Nothing in it waits,
/// shares or runs beside something else.
/// </summary>
internal sealed partial class NaiveRouter
{
    private readonly RouteScript _script;
    private readonly long _start;
    private readonly SortedDictionary<long, Action> _agenda = [];
    private readonly Dictionary<string, NaiveBreaker> _breakers = [];
    private readonly Dictionary<string, BreakerSnapshot> _known = [];
    private readonly Dictionary<string, List<long>> _successes = [];
    private readonly Dictionary<string, (RateLimits Limits, NaiveScope Scope, HashSet<string> Seen)> _limits = [];
    private readonly Dictionary<UpstreamTarget, NaivePlaces> _places = [];
    private readonly List<RouteLine> _lines = [];
    private long _now;

    public NaiveRouter(RouteScript script, DateTimeOffset start)
    {
        (_script, _start) = (script, start.UtcTicks);
        foreach (var upstream in script.Settings.Upstreams)
        {
            _breakers[upstream.Id] = new NaiveBreaker(script.Settings.Breakers);
            _successes[upstream.Id] = [];
            if (upstream.Limits.ToLimits() is { IsEmpty: false } limits)
                _limits[upstream.Id] = (limits, new NaiveScope(), []);
        }
    }

    /// <summary>Whether two things happened at one moment: which comes first is nobody's promise.</summary>
    public bool IsAmbiguous { get; private set; }

    public IReadOnlyList<RouteLine> Lines => _lines;

    private long Now => _start + _now;

    /// <summary>Plays the whole round.</summary>
    /// <returns>The moments at which something happened, each with the breakers and open reservations as they were after it.</returns>
    public IEnumerable<(long At, string State)> Play()
    {
        foreach (var request in _script.Requests)
            Plan(request.At, () => Begin(request));
        foreach (var deed in _script.Elsewhere)
            Plan(deed.At, () => Hear(deed));
        while (_agenda.Count > 0)
        {
            (_now, var happens) = _agenda.First();
            _agenda.Remove(_now);
            happens();
            yield return (_now, State());
        }
    }

    private void Plan(long at, Action happens) => IsAmbiguous |= !_agenda.TryAdd(at, happens);

    private void Write(string who, string what) => _lines.Add(new RouteLine(_now, who, what));

    private string State() => string.Join(
        "; ",
        _script.Settings.Upstreams.Select(upstream => RecordedActors.Told(_breakers[upstream.Id].Describe(Now) with { Upstream = upstream.Id })
            + (_limits.TryGetValue(upstream.Id, out var limited) ? $" {limited.Scope.Open(Now).Count()} open" : "")));

    private void Hear(Elsewhere deed)
    {
        var breaker = _breakers[deed.Upstream];
        if (deed.Deed == Deed.Trip)
            breaker.Trip("by hand", Now);
        else if (deed.Deed == Deed.Reset)
            breaker.Close();
        else
            breaker.Report(new BreakerOutcome(deed.Id, deed.Deed == Deed.Fail ? UpstreamFailure.ServerError : null, null, "elsewhere"), Now);
        if (deed.IsPushed)
            Learn(deed.Upstream);
    }

    private void Begin(ScriptedRequest request)
    {
        var run = new Run(request);
        var first = request.Order[0].Upstream;
        if (request.IsAdmittedFirst && _limits.ContainsKey(first) && Acquire(first, request.Id, request.Tokens) is null)
            run.AdmittedBy = first;

        run.First = new Lane(run, request.Id);
        GoOn(run.First);
        if (run.IsOver)
            return;
        if (request.Model.HedgeAfter is { } after)
            Plan(_now + after.Ticks, () => Hedge(run));
        if (request.Patience is { } patience)
            Plan(_now + patience, () => Leave(run));
    }

    private void Hedge(Run run)
    {
        if (run.IsOver || run.First.IsStopped || run.Untried.Count == 0)
            return;

        Write(run.Request.HedgeId, run.Request.IsHedgeRefused ? "is refused" : "is admitted");
        if (run.Request.IsHedgeRefused)
            return;

        run.Second = new Lane(run, run.Request.HedgeId);
        GoOn(run.Second);
    }

    private void Leave(Run run)
    {
        if (run.IsOver)
            return;
        run.IsLeft = true;
        if (run.Second is { } second)
            Stop(second);
        Stop(run.First);
    }

    /// <summary>Asks one target after the other until one is being asked, or none is left.</summary>
    private void GoOn(Lane lane)
    {
        while (!lane.IsStopped && lane.Run.Untried is [var target, ..])
        {
            lane.Run.Untried.RemoveAt(0);
            var call = new Call(target, $"{lane.Id}/{++lane.Run.Asked}");
            if (Passes(lane, call) && HasRoom(lane, call))
            {
                Ask(lane, call);
                return;
            }

            GiveBack(lane, target.Upstream);
        }

        End(lane, lane.IsStopped ? new OperationCanceledException() : null);
    }

    private bool Passes(Lane lane, Call call)
    {
        var upstream = call.Target.Upstream;
        if (!_known.TryGetValue(upstream, out var known))
        {
            Write(upstream, "describes itself");
            known = Learn(upstream);
        }

        if (known.State == BreakerState.Open && known.RetryAt > At(Now))
            return IsOpen(lane, call, known);

        if (known.State != BreakerState.Closed)
        {
            (var mayGo, call.IsProbe) = _breakers[upstream].Enter(call.Id, Now);
            known = Learn(upstream);
            Write(lane.Id, $"enters {upstream} by {call.Id}: {mayGo} {call.IsProbe}");
            if (!mayGo)
                return IsOpen(lane, call, known);
        }

        if (!_limits.ContainsKey(upstream) || (lane == lane.Run.First && lane.Run.Request.SaysWhoAdmitted && lane.Run.AdmittedBy == upstream))
        {
            lane.Passed.Add(upstream);
            return true;
        }

        var refusal = Acquire(upstream, lane.Id, lane.Run.Request.Tokens);
        Write(lane.Id, $"acquires {upstream}: {refusal is null}");
        if (refusal is null)
        {
            lane.Passed.Add(upstream);
            return true;
        }

        lane.Run.Said.Add(new Saying(call.Target, "rate_limited", $"Limit {refusal.Value.Limit} of scope 'upstream:{upstream}' is reached.", refusal.Value.Seconds));
        if (call.IsProbe)
            LeaveProbe(lane, call);
        return false;
    }

    private bool IsOpen(Lane lane, Call call, BreakerSnapshot breaker)
    {
        var seconds = breaker.RetryAt is { } at ? Math.Max(0, (at - At(Now)).TotalSeconds) : (double?)null;
        var until = seconds is null ? "until it is reset" : string.Create(CultureInfo.InvariantCulture, $"for {seconds:0.###} more seconds");
        lane.Run.Said.Add(new Saying(
            call.Target, "upstream_unavailable", $"Upstream '{call.Target.Upstream}' is not available: it is left alone {until} after {breaker.Cause ?? "failures"}", seconds));
        return false;
    }

    private bool HasRoom(Lane lane, Call call)
    {
        var slowdown = _script.Settings.Upstreams.First(upstream => upstream.Id == call.Target.Upstream).MaxSlowdown;
        if (slowdown == 0)
            return true;
        if (!_places.TryGetValue(call.Target, out var places))
            _places[call.Target] = places = new NaivePlaces(slowdown);
        call.Wait = places.TryBegin(Now);
        if (call.Wait is not null || call.IsProbe)
            return true;

        lane.Run.Said.Add(new Saying(
            call.Target, "upstream_unavailable", $"Upstream '{call.Target.Upstream}' has more to do than it can answer in time.", 1)
        { IsSlow = true });
        return false;
    }

    private void Ask(Lane lane, Call call)
    {
        Write(lane.Id, $"asks {call.Target}");
        lane.Call = call;
        lane.IsPromptSent = true;
        var answer = _script.AnswerOf(lane.Id, call.Target);
        Plan(_now + answer.Takes, () =>
        {
            if (!call.IsOver)
                Hear(lane, call, answer);
        });
    }

    private void Hear(Lane lane, Call call, ScriptedAnswer answer)
    {
        EndCall(call, answer.Fault is null);
        if (answer.Fault is UpstreamException failure)
        {
            lane.IsPromptSent = false;
            if (failure.Failure != UpstreamFailure.InvalidRequest || _known[call.Target.Upstream] is not { State: BreakerState.Closed, Failures: 0 })
                Report(lane.Id, call.Target.Upstream, call.Id, failure);
            lane.Run.Said.Add(new Saying(call.Target, failure.Problem.Code, failure.Problem.Detail, failure.RetryAfter?.TotalSeconds));
            if (failure.Failure == UpstreamFailure.InvalidRequest)
            {
                End(lane, failure);
                return;
            }

            GiveBack(lane, call.Target.Upstream);
            GoOn(lane);
            return;
        }

        if (answer.Fault is not null)
        {
            if (call.IsProbe)
                LeaveProbe(lane, call);
            End(lane, answer.Fault);
            return;
        }

        if (!call.IsProbe && _known[call.Target.Upstream] is { State: BreakerState.Closed, Failures: 0 })
            _successes[call.Target.Upstream].Add(Now);
        else
            Report(lane.Id, call.Target.Upstream, call.Id, null);
        lane.Opened = call;
        End(lane, null);
    }

    /// <summary>Tells a call to stop, and its lane with it, if the upstream listens.</summary>
    private void Stop(Lane lane)
    {
        lane.IsStopped = true;
        if (lane.IsOver || _script.AnswerOf(lane.Id, lane.Call!.Target).IsStubborn)
            return;

        Write(lane.Id, $"is stopped at {lane.Call.Target}");
        EndCall(lane.Call, false);
        if (lane.Call.IsProbe)
            LeaveProbe(lane, lane.Call);
        End(lane, new OperationCanceledException());
    }

    private void EndCall(Call call, bool isAnswered)
    {
        call.IsOver = true;
        if (call.Wait is { } wait)
            _places[call.Target].End(wait, isAnswered, Now);
    }

    private void End(Lane lane, Exception? fault)
    {
        (lane.IsOver, lane.Fault) = (true, fault);

        // Who answers, or was sent the prompt of a caller who left, is settled by the caller.
        var settled = lane.Opened?.Target.Upstream ?? (fault is OperationCanceledException && lane.IsPromptSent ? lane.Call!.Target.Upstream : null);
        foreach (var upstream in lane.Passed.Where(upstream => upstream != settled))
            SettleNothing(lane, upstream);

        var run = lane.Run;
        var other = lane == run.First ? run.Second : run.First;
        if (run.IsOver)
            Lose(lane);
        else if (lane.Opened is not null && run.Fault is null)
            Answer(run, lane, other);
        else if (lane == run.Second)
            AfterSecond(run, lane);
        else if (other is null or { IsOver: true })
            Fail(run, fault);
        else if (fault is not null)
        {
            run.Fault = fault;
            Stop(other);
        }
    }

    private void AfterSecond(Run run, Lane second)
    {
        Lose(second);
        if (run.Fault is not null || run.First.IsOver)
            Fail(run, run.Fault ?? run.First.Fault);
    }

    private void Answer(Run run, Lane winner, Lane? other)
    {
        run.IsOver = true;
        var call = winner.Opened!;
        Write(run.Request.Caller, $"gets {call.Target} by {call.Id} of {winner.Id}, untried {string.Join(' ', run.Untried)}");
        var answer = _script.AnswerOf(winner.Id, call.Target);
        Plan(_now + answer.ReadFor, () =>
        {
            if (answer.Breaks is { } broken && (broken.Failure != UpstreamFailure.InvalidRequest || _known[call.Target.Upstream] is not { State: BreakerState.Closed, Failures: 0 }))
                Report(winner.Id, call.Target.Upstream, $"{call.Id}/broken", broken);
            Settle(run, winner, call.Target);
        });
        if (other is { IsOver: false })
            Stop(other);
        else if (other is not null && other == run.First)
            Lose(other);
    }

    private void Fail(Run run, Exception? fault)
    {
        run.IsOver = true;
        if (run.IsLeft)
            fault ??= new OperationCanceledException();
        Write(run.Request.Caller, $"fails: {(fault is null ? Problem(run) : fault is UpstreamException failure ? failure.Failure : fault.GetType().Name)}");
        Settle(run, run.First, fault is OperationCanceledException && run.First.IsPromptSent ? run.First.Call!.Target : null);
    }

    private void Lose(Lane lane)
    {
        var asked = lane.IsPromptSent ? lane.Call!.Target : (UpstreamTarget?)null;
        Write(lane.Id, lane.Opened is null ? $"has lost, asked {asked}" : $"has lost, asked {asked}, and is disposed of");
        Settle(lane.Run, lane, asked);
    }

    /// <summary>What the caller books.</summary>
    private void Settle(Run run, Lane lane, UpstreamTarget? target)
    {
        if (target is { } used && _limits.TryGetValue(used.Upstream, out var limited))
            limited.Scope.Settle(lane.Id, run.Request.Tokens / 2, Now);
        if (lane == run.First && run.AdmittedBy is { } admitted && admitted != target?.Upstream)
            _limits[admitted].Scope.Settle(lane.Id, 0, Now);
    }

    private static string Problem(Run run)
    {
        if (run.Said is [var only])
            return $"{only.Code} {only.Detail} {only.Seconds} {only.IsSlow}";

        var codes = run.Said.Select(said => said.Code).ToHashSet();
        var code = codes.Count == 1 ? codes.Single()
            : codes.Contains("upstream_unavailable") || codes.Contains("rate_limited") ? "upstream_unavailable"
            : "upstream_error";
        var list = string.Join(' ', run.Said.Select(said => $"[{said.Target}] {said.Detail}"));
        return $"{code} No upstream of model '{run.Request.Model.Id}' could answer. {list} {run.Said.Min(said => said.Seconds)} {run.Said.All(said => said.IsSlow)}";
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
