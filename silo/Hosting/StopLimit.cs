using OrleansChat.Core.Sessions;

namespace OrleansChat.Silo.Hosting;

/// <summary>
/// Bounds a stop. Leaving the cluster is a write to Redis that Orleans repeats for minutes; without Redis the process would hang until it is killed, while nothing
/// is left to be saved.
/// </summary>
internal static class StopLimit
{
    /// <summary>Completes when a stop has begun, its turns have ended or had their time, and the silo has not left for as long as it may take.</summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="drain">How long turns may go on.</param>
    /// <param name="leave">How long the silo may take to leave after that.</param>
    /// <returns>A task.</returns>
    public static async Task WatchAsync(IServiceProvider services, TimeSpan drain, TimeSpan leave)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var turns = services.GetRequiredService<RunningTurns>();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await stopping.Task;
        await turns.WhenNoneAsync().WaitAsync(drain, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(leave, time);
    }
}
