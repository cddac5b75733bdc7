using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Tests.Costs.Crashes;

/// <summary>One operation as its caller knows it.</summary>
internal sealed record KnownOperation(string Id, long NanoUsd)
{
    private long _leaseEnd;

    public OperationState State { get; set; } = OperationState.Gone;

    public bool IsBusy { get; set; }

    /// <summary>Whether it is certainly on record.</summary>
    public bool IsRecorded { get; set; }

    /// <summary>Whether a host died before it was certainly on record.</summary>
    public bool MayBeLost { get; private set; }

    public long? Cost { get; set; }

    public bool IsOwed(long now) => State == OperationState.Open && now < _leaseEnd;

    /// <summary>Whether its lease may have run out, so that it is charged.</summary>
    public bool MayBeOver(long now) => State == OperationState.Open && now >= _leaseEnd;

    public void Begin(OperationState state, long now) =>
        (State, IsBusy, _leaseEnd, IsRecorded, MayBeLost) = (state, true, now + RateLimitRequest.DefaultLease.Ticks, false, false);

    public void End(OperationState state) => (State, IsBusy) = (state, false);

    public void Crash()
    {
        IsBusy = false;
        MayBeLost |= !IsRecorded;
        if (State == OperationState.Tentative)
            State = OperationState.Gone;
    }
}

/// <summary>What a caller knows of its operation.</summary>
internal enum OperationState
{
    /// <summary>Nothing is held: refused, taken back or vanished.</summary>
    Gone,

    /// <summary>Held until it vanishes.</summary>
    Tentative,

    /// <summary>Promised.</summary>
    Open,

    /// <summary>Used, and perhaps booked.</summary>
    Unsettled,

    /// <summary>Used and booked.</summary>
    Settled,

    /// <summary>Its caller heard no answer, and goes away.</summary>
    Unknown,
}
