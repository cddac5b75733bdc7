using OrleansChat.Core.Admission;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Bench.Accuracy;

/// <summary>Notes what callers, upstreams and the process do, in the references that answers are held against.</summary>
/// <param name="world">The world.</param>
/// <param name="report">Where deviations go.</param>
internal sealed class AccuracyChecks(AccuracyWorld world, AccuracyReport report)
{
    private readonly Lock _gate = new();
    private readonly List<Call> _perhapsOpen = [];
    private readonly KillLog _kills = new();

    /// <summary>The references.</summary>
    public AccuracyScopes Scopes { get; } = new(world);

    /// <summary>Checks of limits.</summary>
    public LimitChecks Limits => field ??= new LimitChecks(Scopes, world, report, _kills);

    /// <summary>Checks of budgets and ledgers.</summary>
    public MoneyChecks Money => field ??= new MoneyChecks(Scopes, report, _kills);

    /// <summary>An answer came, or never will.</summary>
    /// <param name="call">The call.</param>
    /// <param name="decision">The answer; null for none.</param>
    /// <param name="hungUp">Whether its caller left.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Answered(Call call, AdmissionDecision? decision, bool hungUp, long now)
    {
        lock (_gate)
        {
            report.Asked++;
            call.Answer(decision, hungUp, now);
            switch (call.State)
            {
                case CallState.Unknown:
                    report.Died++;
                    break;
                case CallState.HungUp:
                    report.HungUp++;
                    break;
                case CallState.Open:
                    report.Admitted++;
                    break;
                case CallState.Refused when call.Refusal!.Code == "budget_exceeded":
                    report.RefusedByBudget++;
                    return;
                default:
                    report.RefusedByLimit++;
                    return;
            }

            _perhapsOpen.Add(call);
            Scopes.Add(call);
            Limits.Perhaps(call);
        }
    }

    /// <summary>An upstream was asked.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="call">For whom.</param>
    /// <param name="isBroken">Whether it fails.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Opened(string upstream, Call call, bool isBroken, long now)
    {
        lock (_gate)
        {
            report.UpstreamFaults += isBroken ? 1 : 0;
            Limits.Opened(upstream, call, now);
        }
    }

    /// <summary>A caller gave a sign of life.</summary>
    /// <param name="call">The call.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Renewed(Call call, long now)
    {
        lock (_gate)
            call.Renew(now, IsKilledSince(call));
    }

    /// <summary>A call was settled, or its caller died between the settlements of two scopes.</summary>
    /// <param name="call">The call.</param>
    /// <param name="usage">What its upstream reported.</param>
    /// <param name="half">Whether its caller died.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Settled(Call call, TokenUsage usage, bool half, long now)
    {
        lock (_gate)
        {
            report.Settled += half ? 0 : 1;
            report.HalfSettled += half ? 1 : 0;
            var isHeld = now < call.LeaseFrom && !IsKilledSince(call);
            call.SettleTokens(Math.Max(0, usage.InputTokens) + Math.Max(0, usage.OutputTokens), isHeld && !half, now);

            // What was charged at the estimate meanwhile, or freed, is booked in full all the same.
            foreach (var scope in AccuracyScopes.MoneyOf(call))
                Scopes.Money[scope].Excess += isHeld ? Math.Max(0, call.Bill - AccuracyPrice.Reserve(call)) : call.Bill;

            call.State = half ? CallState.HalfSettled : CallState.Settled;
        }
    }

    /// <summary>A call was taken back.</summary>
    /// <param name="call">The call.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Released(Call call, long now)
    {
        lock (_gate)
        {
            report.Released++;
            call.SettleTokens(0, now < call.LeaseFrom && !IsKilledSince(call), now);
            call.State = CallState.Released;
        }
    }

    /// <summary>The process died, or a silo: nothing says which actors were its own.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <param name="step">The step of the run.</param>
    public void Killed(long now, int step)
    {
        lock (_gate)
        {
            report.Kills++;
            _kills.Add(now, step);
            _perhapsOpen.RemoveAll(call => !call.MayBeOpen(now));
            _perhapsOpen.ForEach(call => call.SurviveKill(now));
        }
    }

    /// <summary>A key's limits are others from now on.</summary>
    /// <param name="key">The key.</param>
    public void LimitsChanged(ApiKey key)
    {
        if (Scopes.Limits.TryGetValue($"key:{key.Id}", out var reference))
            reference.Limits = key.Limits;
    }

    private bool IsKilledSince(Call call) => call.KillsBefore != report.Kills;
}
