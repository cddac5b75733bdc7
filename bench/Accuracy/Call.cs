using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Bench.Accuracy;

/// <summary>
/// One request, as its caller and its upstream know it. Moments are ticks of the clock that does not jump. What cannot be known from outside, such
/// as the moment within an answer's time at which a scope decided, is kept as the least and the most that it can be.
/// </summary>
/// <param name="request">What is asked for.</param>
/// <param name="gateway">The gateway that asks.</param>
/// <param name="asked">When it asks.</param>
internal sealed class Call(AdmissionRequest request, int gateway, long asked)
{
    private static readonly long Lease = RateLimitRequest.DefaultLease.Ticks;

    /// <summary>What was asked for.</summary>
    public AdmissionRequest Request { get; } = request;

    /// <summary>The gateway's number.</summary>
    public int Gateway { get; } = gateway;

    /// <summary>When it was asked for.</summary>
    public long Asked { get; } = asked;

    /// <summary>When the answer came; <see cref="long.MaxValue"/> while none has.</summary>
    public long Answered { get; private set; } = long.MaxValue;

    /// <summary>The grant; null when refused or unknown.</summary>
    public AdmissionGrant? Grant { get; private set; }

    /// <summary>The refusal; null when granted or unknown.</summary>
    public Problem? Refusal { get; private set; }

    /// <summary>Where it stands.</summary>
    public CallState State { get; set; } = CallState.Asking;

    /// <summary>Kills of the process before its admission.</summary>
    public int KillsBefore { get; init; }

    /// <summary>The step of the run in which it was admitted.</summary>
    public int Step { get; init; }

    /// <summary>Ends the wait for an answer; null for a caller who stays.</summary>
    public CancellationTokenSource? HangUp { get; init; }

    /// <summary>The upstream that answered; null for none.</summary>
    public UpstreamTarget? Target { get; set; }

    /// <summary>Tokens reserved.</summary>
    public long Tokens => Request.InputTokens + Request.OutputTokens;

    /// <summary>Tokens that certainly count at the moment of its admission.</summary>
    public long LeastTokens { get; private set; } = request.InputTokens + request.OutputTokens;

    /// <summary>Tokens that may count at the moment of its admission.</summary>
    public long MostTokens { get; private set; } = request.InputTokens + request.OutputTokens;

    /// <summary>Tokens above the reservation and when they were counted.</summary>
    public (long Moment, long Least, long Most) Excess { get; private set; }

    /// <summary>When its lease ends at the earliest.</summary>
    public long LeaseFrom { get; private set; }

    /// <summary>When its lease ends at the latest.</summary>
    public long LeaseTo { get; private set; } = long.MaxValue;

    /// <summary>What its upstream bills, in nano-dollars.</summary>
    public long Bill { get; set; }

    /// <summary>Whether it was certainly admitted and holds its place.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether it does.</returns>
    public bool IsOpen(long now) => State is CallState.Open or CallState.Abandoned && now < LeaseFrom;

    /// <summary>Whether it may hold a place.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether it may.</returns>
    public bool MayBeOpen(long now) =>
        State is CallState.Asking or CallState.Open or CallState.Abandoned or CallState.Unknown or CallState.HalfSettled && now < LeaseTo;

    /// <summary>An answer came, or is known never to come.</summary>
    /// <param name="decision">The answer; null for none.</param>
    /// <param name="hungUp">Whether the caller no longer waited for one.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Answer(AdmissionDecision? decision, bool hungUp, long now)
    {
        (Answered, Grant, Refusal) = (now, decision?.Grant, decision?.Refusal);
        State = decision switch
        {
            null => hungUp ? CallState.HungUp : CallState.Unknown,
            { Grant: null } => CallState.Refused,
            _ => CallState.Open,
        };
        (LeaseFrom, LeaseTo) = (Asked + Lease, now + Lease);
    }

    /// <summary>Its caller gave a sign of life.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <param name="isKilled">Whether the process died since the admission.</param>
    public void Renew(long now, bool isKilled)
    {
        // What was too young to be on record when the process died is held back until its first lease ends, renewed or not. After that a sign of life of
        // a call whose lease is over may be taken for one of those that the dead process let in: it is under way, after all.
        if (now < LeaseFrom && !isKilled)
            LeaseFrom = LeaseTo = now + Lease;
        else if (now < LeaseTo || isKilled)
            LeaseTo = now + Lease;
    }

    /// <summary>The process died. A renewal is on record a little after its answer; what may be held counts for a lease from the restart on.</summary>
    /// <param name="now">Now, in ticks.</param>
    public void SurviveKill(long now)
    {
        LeaseFrom = Math.Min(LeaseFrom, Asked + Lease);
        if (MayBeOpen(now))
            LeaseTo = Math.Max(LeaseTo, now + Lease);
    }

    /// <summary>Tokens were settled. Whether a limiter still knew the operation is certain only while its lease certainly ran.</summary>
    /// <param name="tokens">The tokens really used.</param>
    /// <param name="isHeld">Whether every scope certainly held it.</param>
    /// <param name="now">Now, in ticks.</param>
    public void SettleTokens(long tokens, bool isHeld, long now)
    {
        LeastTokens = Math.Min(LeastTokens, tokens);
        if (isHeld)
            MostTokens = LeastTokens;

        var above = Math.Max(0, tokens - Tokens);
        Excess = (now, isHeld ? above : 0, above);
    }
}

/// <summary>Where a call stands.</summary>
internal enum CallState
{
    /// <summary>No answer yet.</summary>
    Asking,

    /// <summary>Not admitted.</summary>
    Refused,

    /// <summary>Its caller left before the answer: nothing is held.</summary>
    HungUp,

    /// <summary>Admitted and under way.</summary>
    Open,

    /// <summary>Billed and settled.</summary>
    Settled,

    /// <summary>Its caller died between the settlements of two scopes.</summary>
    HalfSettled,

    /// <summary>Taken back.</summary>
    Released,

    /// <summary>Billed, but its caller died before it settled.</summary>
    Abandoned,

    /// <summary>Its caller died, or the process did, before an answer came.</summary>
    Unknown,
}
