namespace OrleansChat.Core.CircuitBreaking;

/// <summary>What a breaker knows, as it is stored. Moments are ticks of UTC.</summary>
public sealed class BreakerMemory
{
    /// <summary>The state but for the passing of time: <see cref="BreakerState.Open"/> stands for half-open too.</summary>
    public BreakerState Phase { get; set; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; set; }

    /// <summary>Times it opened since it was last closed.</summary>
    public int Opens { get; set; }

    /// <summary>When it opened.</summary>
    public long OpenedAt { get; set; }

    /// <summary>When a probe may go; <see cref="long.MaxValue"/> when tripped by hand.</summary>
    public long RetryAt { get; set; }

    /// <summary>What opened it.</summary>
    public string? Cause { get; set; }

    /// <summary>Who tripped it; null where nobody did.</summary>
    public string? By { get; set; }

    /// <summary>The probe that is under way; null for none.</summary>
    public string? ProbeId { get; set; }

    /// <summary>When the probe's permit runs out.</summary>
    public long ProbeUntil { get; set; }

    /// <summary>When the upstream last asked to be left alone.</summary>
    public long CooledAt { get; set; }

    /// <summary>Until when the upstream asked to be left alone.</summary>
    public long CoolUntil { get; set; }

    /// <summary>What the upstream said as it asked.</summary>
    public string? CoolCause { get; set; }

    /// <summary>Calls for the failure ratio.</summary>
    public List<CallCount> Counts { get; set; } = [];

    /// <summary>The last changes of the state, oldest first.</summary>
    public List<BreakerTransition> History { get; set; } = [];

    /// <summary>Counts the changes.</summary>
    public long Version { get; set; }

    /// <summary>Forgets everything but the history.</summary>
    public void Clear()
    {
        Phase = BreakerState.Closed;
        Failures = Opens = 0;
        OpenedAt = RetryAt = ProbeUntil = CooledAt = CoolUntil = Version = 0;
        Cause = By = ProbeId = CoolCause = null;
        Counts.Clear();
    }
}
