namespace OrleansChat.Core.Upstreams;

/// <summary>Work of a request that is told when it only waits, for an upstream or for a limit, so that the time does not count as work of this process.</summary>
public abstract class UpstreamWait
{
    private static readonly AsyncLocal<UpstreamWait?> Ambient = new();

    /// <summary>The work that runs here; null where nobody asks.</summary>
    public static UpstreamWait? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>The work begins to wait. Waits may overlap; it works again when all have ended.</summary>
    public abstract void Pause();

    /// <summary>A wait has ended.</summary>
    public abstract void Resume();
}
