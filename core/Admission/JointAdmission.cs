using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Admission;

/// <summary>
/// Asks all scopes of a plan within one visit of all their actors, where those are in this process. Nobody sees one scope without the others, so nothing
/// is tentative and nothing has to be confirmed. It admits or changes nothing: whoever is refused, has to wait, or finds actors busy again and again, asks one
/// scope after the other (<see cref="AdmissionRound"/>).
/// </summary>
/// <param name="plan">The scopes.</param>
/// <param name="request">The request.</param>
/// <param name="tokens">An upper bound of its tokens.</param>
/// <param name="reserve">An upper bound of its cost, in nano-dollars.</param>
/// <param name="subject">Who asks for what.</param>
internal sealed class JointAdmission(AdmissionPlan plan, AdmissionRequest request, long tokens, long reserve, LedgerSubject subject)
{
    private readonly LimitStop[] _limits = new LimitStop[plan.Limits.Count + (plan.Upstreams.Count > 0 ? 1 : 0)];
    private readonly CostStop[] _costs = new CostStop[plan.Costs.Count];
    private Func<CancellationToken, ValueTask>? _waitForTurn;

    /// <summary>The upstream whose limits admitted the request; null for none.</summary>
    public string? Upstream => plan.Upstreams.Count > 0 ? plan.Upstreams[0].Upstream : null;

    /// <summary>What is left of the key's own limits.</summary>
    public RateLimitStatus? KeyStatus { get; private set; }

    /// <summary>Admits if all scopes would at this moment.</summary>
    /// <param name="waitForTurn">Where it failed only because an actor was busy: waits for a turn in that actor, after which a second try is likely to succeed.</param>
    /// <returns>Whether all have; otherwise nothing has happened.</returns>
    public bool TryRun(out Func<CancellationToken, ValueTask>? waitForTurn)
    {
        _waitForTurn = null;
        var isAdmitted = TryRun();
        waitForTurn = _waitForTurn;
        return isAdmitted;
    }

    private bool TryRun()
    {
        var outer = SynchronizationContext.Current;
        try
        {
            // What all requests share comes last and goes first, so that it is held for the shortest time; everybody goes this way, and so nobody waits in a circle.
            if (!MayTake(isShared: false) || !MayTake(isShared: true))
                return false;

            Take(isShared: true);
            Take(isShared: false);
            return true;
        }
        finally
        {
            EndVisits();
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private LimitAsk LimitOf(int i) => i < plan.Limits.Count ? plan.Limits[i] : plan.Upstreams[0];

    private bool MayTake(bool isShared)
    {
        for (var i = 0; i < _limits.Length; i++)
        {
            if (LimitOf(i).Scope.IsShared == isShared && !MayTakeLimit(i))
                return false;
        }

        for (var i = 0; i < _costs.Length; i++)
        {
            if (plan.Costs[i].Scope.IsShared == isShared && !MayTakeCost(i))
                return false;
        }

        return true;
    }

    private void Take(bool isShared)
    {
        for (var i = _costs.Length - 1; i >= 0; i--)
        {
            if (plan.Costs[i].Scope.IsShared == isShared)
                TakeCost(ref _costs[i]);
        }

        for (var i = _limits.Length - 1; i >= 0; i--)
        {
            if (LimitOf(i).Scope.IsShared == isShared)
                TakeLimit(ref _limits[i]);
        }
    }

    private bool MayTakeLimit(int i)
    {
        var ask = LimitOf(i);
        if (ask.Scope.Local is not { } actor)
            return false;

        if (actor.TryBeginVisit() is not { } visit)
        {
            _waitForTurn = actor.WaitForTurnAsync;
            return false;
        }

        ref var stop = ref _limits[i];
        stop.Visit = visit;
        stop.Request ??= new RateLimitRequest
        {
            OperationId = request.OperationId,
            Limits = ask.Limits,
            Tokens = tokens,
            Describe = ask.IsOf(request.Key),
        };
        return ((IVisitedLimiter)visit.Enter()).MayTake(stop.Request, request.IsNew);
    }

    private bool MayTakeCost(int i)
    {
        var ask = plan.Costs[i];
        if (ask.Scope.Local is not { } actor)
            return false;

        if (actor.TryBeginVisit() is not { } visit)
        {
            _waitForTurn = actor.WaitForTurnAsync;
            return false;
        }

        ref var stop = ref _costs[i];
        stop.Visit = visit;
        stop.Request ??= new CostReservationRequest
        {
            OperationId = request.OperationId,
            Budget = ask.Budget,
            NanoUsd = reserve,
            Tokens = tokens,
            Subject = subject,
        };
        return ((IVisitedTracker)visit.Enter()).MayTake(stop.Request, request.IsNew);
    }

    private void TakeLimit(ref LimitStop stop)
    {
        if (((IVisitedLimiter)stop.Visit!.Enter()).Take(stop.Request!) is { } status)
            KeyStatus = status;

        stop.Visit.End();
        stop.Visit = null;
    }

    private static void TakeCost(ref CostStop stop)
    {
        ((IVisitedTracker)stop.Visit!.Enter()).Take(stop.Request!);
        stop.Visit.End();
        stop.Visit = null;
    }

    private void EndVisits()
    {
        for (var i = 0; i < _limits.Length; i++)
        {
            _limits[i].Visit?.End();
            _limits[i].Visit = null;
        }

        for (var i = 0; i < _costs.Length; i++)
        {
            _costs[i].Visit?.End();
            _costs[i].Visit = null;
        }
    }

    /// <summary>A limiter on the way; its visit is null before it and after it.</summary>
    private struct LimitStop
    {
        public IActorVisit<IRateLimiterActor>? Visit;
        public RateLimitRequest? Request;
    }

    /// <summary>A cost tracker on the way; its visit is null before it and after it.</summary>
    private struct CostStop
    {
        public IActorVisit<ICostTrackerActor>? Visit;
        public CostReservationRequest? Request;
    }
}
