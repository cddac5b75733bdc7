namespace OrleansChat.Grains.Sessions.Draining;

/// <summary>How a silo's stop treats running turns.</summary>
public sealed class TurnDrainOptions
{
    /// <summary>How long running turns may go on; then they are handed over.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(20);
}
