using OrleansChat.Core.Actors;
using OrleansChat.Standalone.State;

namespace OrleansChat.Standalone.Actors;

/// <summary>What all activations of the process share.</summary>
internal sealed partial class ActorHost(IActorDirectory directory, IStateStore store, TimeProvider time, ILogger logger, CancellationToken stopping)
{
    private int _sweepCount;

    public IActorDirectory Directory => directory;

    public IStateStore Store => store;

    public TimeProvider Time => time;

    /// <summary>Cancelled when the host stops.</summary>
    public CancellationToken Stopping => stopping;

    /// <summary>Counts the sweeps: a clock coarse enough to be read at every call.</summary>
    public int SweepCount => Volatile.Read(ref _sweepCount);

    /// <summary>Begins a sweep.</summary>
    public void CountSweep() => Interlocked.Increment(ref _sweepCount);

    [LoggerMessage(100, LogLevel.Error, "Activation of {Kind} '{Key}' failed")]
    public partial void LogActivationFailed(string kind, string key, Exception fault);

    [LoggerMessage(104, LogLevel.Information, "{Kind} '{Key}' was called after the end of the host")]
    public partial void LogTooLate(string kind, string key);

    [LoggerMessage(101, LogLevel.Error, "Deactivation of {Kind} '{Key}' failed")]
    public partial void LogDeactivationFailed(string kind, string key, Exception fault);

    [LoggerMessage(102, LogLevel.Error, "Background work of {Kind} '{Key}' failed")]
    public partial void LogUnhandled(string kind, string key, Exception fault);

    [LoggerMessage(103, LogLevel.Warning, "{Count} actors had not ended when the time to stop was over")]
    public partial void LogLeft(int count);
}
